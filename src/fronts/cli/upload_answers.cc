#include "fronts/cli/upload_answers.h"

#include <boost/json.hpp>

namespace tintype {
namespace {

namespace json = boost::json;

std::string text_at(const json::object& object, std::string_view name) {
  auto value = object.if_contains(name);
  auto text = value ? value->if_string() : nullptr;
  return text ? std::string(*text) : std::string();
}

std::uint64_t number_at(const json::object& object, std::string_view name) {
  auto value = object.if_contains(name);
  if (!value) return 0;
  if (auto number = value->if_int64()) {
    return *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
  }
  auto number = value->if_uint64();
  return number ? *number : 0;
}

std::optional<json::object> parse_object(const std::string& body) {
  json::error_code error;
  auto value = json::parse(body, error);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.as_object());
}

Error not_tintype() {
  return internal_error("the server's answer is not that of an image service; is the URL right?");
}

Result<UploadedImage> image_of(const json::object& object) {
  UploadedImage image;
  image.id = text_at(object, "image_id");
  image.filename = text_at(object, "filename");
  image.status = text_at(object, "status");
  if (image.id.empty() || image.status.empty()) return not_tintype();
  image.width = number_at(object, "width");
  image.height = number_at(object, "height");
  image.size = number_at(object, "size");
  if (auto failure = object.if_contains("failure"); failure && failure->is_object()) {
    const auto& fields = failure->get_object();
    image.failure = text_at(fields, "code") + ": " + text_at(fields, "detail");
  }
  image.json = json::serialize(object);
  return image;
}

Result<SendTicket> ticket_of(const json::object& object) {
  SendTicket ticket{text_at(object, "image_id"),
                    text_at(object, "upload_method"),
                    text_at(object, "upload_url"),
                    {}};
  auto headers = object.if_contains("upload_headers");
  bool complete = !ticket.image_id.empty() && !ticket.method.empty() && !ticket.url.empty();
  if (!complete || !headers || !headers->is_object()) return not_tintype();
  for (const auto& header : headers->get_object()) {
    if (!header.value().is_string()) return not_tintype();
    ticket.headers.emplace_back(header.key(), header.value().get_string());
  }
  return ticket;
}

std::string problem_sentence(const json::object& problem) {
  auto sentence = text_at(problem, "detail");
  if (sentence.empty()) sentence = text_at(problem, "title");
  if (auto errors = problem.if_contains("errors"); errors && errors->is_array()) {
    for (const auto& error : errors->get_array()) {
      if (!error.is_object()) continue;
      const auto& fields = error.get_object();
      sentence += "; " + text_at(fields, "field") + ": " + text_at(fields, "detail");
    }
  }
  return sentence + " (" + text_at(problem, "code") + ")";
}

// The text of an element of S3's flat error documents.
std::string element(std::string_view xml, std::string_view name) {
  auto open = "<" + std::string(name) + ">", close = "</" + std::string(name) + ">";
  auto begin = xml.find(open);
  if (begin == xml.npos) return {};
  begin += open.size();
  auto end = xml.find(close, begin);
  return end == xml.npos ? std::string() : std::string(xml.substr(begin, end - begin));
}

// Texts of a foreign server go to a terminal: no control characters.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

}  // namespace

Result<CreateAnswer> parse_create_answer(const HttpResponse& response) {
  auto object = parse_object(response.body);
  if (!object) return not_tintype();
  CreateAnswer answer;
  auto duplicate = object->if_contains("duplicate");
  if (duplicate && duplicate->is_bool() && duplicate->get_bool()) {
    auto nested = object->if_contains("image");
    bool has_image = nested && nested->is_object();
    auto image = TRY(image_of(has_image ? nested->get_object() : *object));
    image.duplicate = true;
    answer.duplicate = std::move(image);
  } else {
    answer.ticket = TRY(ticket_of(*object));
  }
  return answer;
}

Result<UploadedImage> parse_image_answer(const HttpResponse& response) {
  auto object = parse_object(response.body);
  if (!object) return not_tintype();
  return image_of(*object);
}

std::string error_sentence(const HttpResponse& response) {
  auto status = "status " + std::to_string(response.status);
  if (auto problem = parse_object(response.body); problem && problem->contains("code")) {
    return printable(problem_sentence(*problem));
  }
  if (auto code = element(response.body, "Code"); !code.empty()) {
    return printable(element(response.body, "Message") + " (" + code + ")");
  }
  return "the server answered with " + status;
}

}  // namespace tintype
