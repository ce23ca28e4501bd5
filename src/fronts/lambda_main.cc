// `tintype lambda` as a program of its own, for the package that AWS Lambda gets: without the
// imaging worker, and so without libvips, whose loading would be a good part of a cold start.
// Settings come from the environment alone.
#include "fronts/cli/lambda_command.h"

int main() { return tintype::lambda_command({}); }
