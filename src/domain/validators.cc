#include "domain/validators.h"
