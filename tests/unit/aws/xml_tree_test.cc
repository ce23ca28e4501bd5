#include "adapters/aws/xml_tree.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

std::string nested(std::size_t depth) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += "<a>";
  for (std::size_t i = 0; i < depth; ++i) text += "</a>";
  return text;
}

TEST(XmlTree, ReadsElementsAndText) {
  const auto root = parse_xml(
      "\n  <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<s:Root xmlns:s=\"urn:x\" a=\"1\">\n"
      "  <Key>a&amp;b &#x3c;</Key><Key>2</Key>\n <Empty/><!-- no "
      "--><C><![CDATA[<x>]]></C>\n</s:Root>\n");
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(root->name, "Root");
  EXPECT_EQ(root->text, "");
  EXPECT_EQ(root->text_of("Key"), "a&b <");
  EXPECT_EQ(root->text_of("C"), "<x>");
  EXPECT_EQ(root->children.size(), 4u);
  ASSERT_NE(root->child("Empty"), nullptr);
  EXPECT_EQ(root->child("None"), nullptr);
  EXPECT_EQ(root->text_of("None"), "");
}

TEST(XmlTree, WritesWhatItReads) {
  const XmlElement element{"Delete", {}, {{"Key", "a<b>&\"'\r\nc", {}}, {"Quiet", "true", {}}}};
  EXPECT_EQ(to_xml({"K", "<&>", {}}), "<K>&lt;&amp;&gt;</K>");
  const auto back = parse_xml(to_xml(element));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, element);
}

TEST(XmlTree, RefusesWhatIsNoXml) {
  for (const std::string text :
       {"", " ", "x", "<a>", "<a></b>", "<a/><b/>", "<a>&unknown;</a>", "<a>&</a>", "<a b></a>",
        "<a>\x01</a>", "<a>\xff</a>", "{\"a\":1}", "<html><br></html>"}) {
    const auto root = parse_xml(text);
    ASSERT_FALSE(root.ok()) << text;
    EXPECT_EQ(root.error().code, "malformed_xml");
  }
}

TEST(XmlTree, RefusesEntitiesAndExternalTexts) {
  for (const std::string text :
       {"<!DOCTYPE a><a/>", "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
        "<!DOCTYPE a SYSTEM \"http://127.0.0.1/x.dtd\"><a/>",
        "<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">"
        "<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\">]><a>&d;</a>"}) {
    EXPECT_FALSE(parse_xml(text).ok()) << text;
  }
}

TEST(XmlTree, IsBounded) {
  EXPECT_TRUE(parse_xml(nested(kMaxXmlDepth)).ok());
  EXPECT_FALSE(parse_xml(nested(kMaxXmlDepth + 1)).ok());
  EXPECT_FALSE(parse_xml(nested(1'000'000)).ok());
  std::string wide = "<r>";
  for (std::size_t i = 1; i < kMaxXmlElements; ++i) wide += "<e/>";
  EXPECT_TRUE(parse_xml(wide + "</r>").ok());
  EXPECT_FALSE(parse_xml(wide + "<e/></r>").ok());
}

TEST(XmlTree, NamesThatArePrefixedReadBack) {
  for (const auto& [text, name] : std::vector<std::pair<std::string, std::string>>{
           {"<s3:Key/>", "Key"}, {"<a:b:c/>", "c"}, {"<a:1/>", "a:1"}, {"<a:/>", "a:"}}) {
    const auto root = parse_xml(text);
    ASSERT_TRUE(root.ok()) << text;
    EXPECT_EQ(root->name, name);
    EXPECT_EQ(*parse_xml(to_xml(*root)), *root);
  }
}

}  // namespace
}  // namespace tintype
