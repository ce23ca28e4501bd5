// XmlElement: a small XML document in memory, read from servers that need not be trusted and
// written for them.
//
// Reading is by Expat, without document types: no entities beyond the five of XML itself, nothing
// external. Depth and number of elements are bounded. Attributes, namespaces and the text of
// elements that have children are dropped; other text is kept as it stands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tintype {

struct XmlElement {
  std::string name;  // without a namespace prefix
  std::string text;
  std::vector<XmlElement> children;

  // The first child of that name, or null.
  const XmlElement* child(std::string_view wanted) const;
  // The text of that child; empty when there is none.
  std::string_view text_of(std::string_view wanted) const;
  bool operator==(const XmlElement&) const = default;
};

inline constexpr std::size_t kMaxXmlDepth = 16;
inline constexpr std::size_t kMaxXmlElements = 50'000;  // a page of 1000 objects has about 10,000

// The root element. White space before it is allowed: S3 keeps slow answers alive with it. Errors:
// `invalid` with code `malformed_xml`.
Result<XmlElement> parse_xml(std::string_view text);
// The element as XML text in UTF-8, escaped. Names must need no escaping.
std::string to_xml(const XmlElement& element);

}  // namespace tintype
