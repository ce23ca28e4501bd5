// The parameters that say which rendition is wanted, the same wherever they are taken.
#pragma once

#include <optional>
#include <vector>

#include "domain/rendition_variants.h"
#include "handlers/query_params.h"

namespace tintype {

// Takes `variant`, or `width`, `height`, `fit` and the others, out of the query. Nothing when there
// is none of them. Adds one error for each that is bad; beside a variant only `format` and
// `quality` can be chosen.
std::optional<RenditionSpec> take_rendition(QueryParams& params, const RenditionVariants& variants,
                                            std::vector<FieldError>& errors);

}  // namespace tintype
