// `tintype upload FILE...`: several files at once, results on standard output.
#pragma once

#include <cstdio>

#include "fronts/cli/command_line.h"
#include "fronts/cli/upload_file.h"

namespace tintype {

struct UploadStreams {
  std::FILE* out = stdout;
  std::FILE* err = stderr;
};

// Uploads all files, prints a line for each in the order given, and returns 0 when all succeeded,
// else 1. Draws progress on `err` when it is a terminal.
int upload_command(const UploadOptions& options, const RetryPolicy& retry = {},
                   UploadStreams streams = {});

}  // namespace tintype
