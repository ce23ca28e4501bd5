// How the memory store searches: what a word is, and when an image contains it.
//
// Text is cut into tokens of letters and digits; case is ignored, and so are the diacritics of
// Latin letters (`Übung` is found by `ubung`). A query is split at whitespace; the tokens of each
// part must occur next to each other in the description, in the filename or in the tags. Parts
// without a letter or digit are ignored; a query of nothing else matches nothing. This is what
// SQLite's FTS5 does with `unicode61 remove_diacritics 2` and quoted words, for Latin, Greek and
// Cyrillic; other scripts are compared as they are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/image_metadata.h"

namespace tintype {

// The tokens of a text in order, folded. Ill-formed UTF-8 separates.
std::vector<std::string> search_tokens(std::string_view text);

bool contains_words(const ImageMetadata& image, std::string_view words);

}  // namespace tintype
