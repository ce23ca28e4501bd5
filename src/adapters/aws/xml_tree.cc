#include "adapters/aws/xml_tree.h"

#include <expat.h>

#include <algorithm>
#include <memory>

namespace tintype {
namespace {

struct ParserDeleter {
  void operator()(XML_ParserStruct* parser) const { XML_ParserFree(parser); }
};
using Parser = std::unique_ptr<XML_ParserStruct, ParserDeleter>;

// What the callbacks share. Only the last element of each level is open, so that appending to one
// moves no other open one.
struct Builder {
  XML_Parser parser = nullptr;
  XmlElement document;  // holds the root as its child
  std::vector<XmlElement*> open{&document};
  std::size_t count = 0;
  bool refused = false;

  void refuse() {
    refused = true;
    XML_StopParser(parser, XML_FALSE);
  }
};

// Without the prefix of a namespace. What then were no name of its own keeps it.
std::string_view local_name(std::string_view name) {
  const auto colon = name.rfind(':');
  if (colon == name.npos || colon + 1 == name.size()) return name;
  const char first = name[colon + 1];
  const bool starts_name =
      (first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z') || first == '_';
  return starts_name ? name.substr(colon + 1) : name;
}

void on_start(void* context, const XML_Char* name, const XML_Char**) {
  auto& builder = *static_cast<Builder*>(context);
  if (builder.open.size() > kMaxXmlDepth || ++builder.count > kMaxXmlElements)
    return builder.refuse();
  auto& siblings = builder.open.back()->children;
  siblings.push_back({std::string(local_name(name)), {}, {}});
  builder.open.push_back(&siblings.back());
}

// Text beside children is the indentation of those who print prettily.
void on_end(void* context, const XML_Char*) {
  auto& open = static_cast<Builder*>(context)->open;
  if (!open.back()->children.empty()) open.back()->text.clear();
  open.pop_back();
}

void on_text(void* context, const XML_Char* text, int size) {
  static_cast<Builder*>(context)->open.back()->text.append(text, static_cast<std::size_t>(size));
}

// Document types bring entities; S3 sends none.
void on_doctype(void* context, const XML_Char*, const XML_Char*, const XML_Char*, int) {
  static_cast<Builder*>(context)->refuse();
}

Error malformed() {
  return invalid_error("malformed_xml", "The text is not the XML that was expected.");
}

void append_escaped(std::string& out, std::string_view text) {
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '\r': out += "&#13;"; break;
      default: out += c;
    }
  }
}

void append_element(std::string& out, const XmlElement& element) {
  out.append("<").append(element.name).append(">");
  append_escaped(out, element.text);
  for (const auto& child : element.children) append_element(out, child);
  out.append("</").append(element.name).append(">");
}

}  // namespace

const XmlElement* XmlElement::child(std::string_view wanted) const {
  const auto found = std::ranges::find(children, wanted, &XmlElement::name);
  return found == children.end() ? nullptr : &*found;
}

std::string_view XmlElement::text_of(std::string_view wanted) const {
  const XmlElement* found = child(wanted);
  return found ? std::string_view(found->text) : std::string_view();
}

Result<XmlElement> parse_xml(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  const Parser parser(XML_ParserCreate("UTF-8"));
  if (!parser || text.size() > INT_MAX) return malformed();
  Builder builder;
  builder.parser = parser.get();
  XML_SetUserData(parser.get(), &builder);
  XML_SetElementHandler(parser.get(), on_start, on_end);
  XML_SetCharacterDataHandler(parser.get(), on_text);
  XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
  const auto status = XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE);
  if (status != XML_STATUS_OK || builder.refused) return malformed();
  return std::move(builder.document.children.front());
}

std::string to_xml(const XmlElement& element) {
  std::string out;
  append_element(out, element);
  return out;
}

}  // namespace tintype
