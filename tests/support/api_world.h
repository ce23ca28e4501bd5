// ApiWorld: the HttpApi over the in-memory service, called as a front calls it.
#pragma once

#include <boost/json.hpp>

#include "handlers/service_api.h"
#include "support/service_world.h"

namespace tintype::testing {

struct Sent {
  std::string method = "GET";
  std::string target;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::size_t piece = 4096;  // bytes given to a sink at a time
  std::optional<VerifiedClaims> claims = {};
};

struct Answer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool close = false;

  std::string header(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return value;
    return {};
  }
  boost::json::value json() const { return boost::json::parse(body); }
  std::string code() const { return text("code"); }
  std::string text(std::string_view name) const {
    auto value = json();
    return std::string(value.at(boost::json::string_view(name.data(), name.size())).as_string());
  }
};

class ApiWorld : public ServiceWorld {
 public:
  ApiWorld() { api_context.config.object_credentials = LocalPresignerOptions().credentials; }

  ApiContext api_context{context, make_config(),
                         [this](const ImageId& id) { arrived.push_back(id); }};
  std::vector<ImageId> arrived;  // what the object URLs reported
  ServiceApi api{api_context};

  Answer send(const Sent& sent) {
    Request request;
    request.method_text = sent.method;
    request.method = parse_method(sent.method);
    std::string_view target = sent.target;
    constexpr std::string_view kHost = "http://127.0.0.1:8080";
    if (target.starts_with(kHost)) target.remove_prefix(kHost.size());
    request.raw_path = target.substr(0, target.find('?'));
    if (target.size() > request.raw_path.size())
      request.raw_query = target.substr(request.raw_path.size() + 1);
    request.headers.emplace_back("Host", "127.0.0.1:8080");
    std::string length = std::to_string(sent.body.size());
    bool sized = !sent.body.empty() || sent.method == "PUT" || sent.method == "POST";
    if (sized) request.headers.emplace_back("Content-Length", length);
    if (sized) request.content_length = sent.body.size();
    for (const auto& [name, value] : sent.headers) request.headers.emplace_back(name, value);
    request.remote_address = "127.0.0.1";
    request.claims = sent.claims;
    Answer answer = run(request, sent);
    return answer;
  }

  Answer get(const std::string& target) { return send({"GET", target, "", {}}); }
  Answer post(const std::string& target, const std::string& json = "{}",
              std::vector<std::pair<std::string, std::string>> headers = {}) {
    headers.emplace_back("Content-Type", "application/json");
    return send({"POST", target, json, std::move(headers)});
  }
  Answer patch(const std::string& target, const std::string& json,
               std::vector<std::pair<std::string, std::string>> headers = {}) {
    headers.emplace_back("Content-Type", "application/merge-patch+json");
    return send({"PATCH", target, json, std::move(headers)});
  }
  Answer remove(const std::string& target) { return send({"DELETE", target, "", {}}); }

  static std::string path(const ImageMetadata& image) {
    return "/images/" + image.image_id.to_string();
  }

 private:
  static ApiConfig make_config() {
    ApiConfig config;
    config.public_url = "http://127.0.0.1:8080";
    config.cursor_secret = std::string(32, 'k');
    config.log_requests = false;
    return config;
  }

  static Answer convert(Response response) {
    Answer answer{response.status, response.headers, {}, response.close};
    if (auto* text = std::get_if<std::string>(&response.body)) answer.body = std::move(*text);
    if (auto* shared = std::get_if<SharedBody>(&response.body)) answer.body = **shared;
    if (auto* file = std::get_if<FileBody>(&response.body)) {
      answer.body.resize(file->length);
      (void)!pread(file->fd->get(), answer.body.data(), file->length,
                   static_cast<off_t>(file->offset));
    }
    return answer;
  }

  Answer run(Request& request, const Sent& sent) {
    Plan plan = api.begin(request);
    if (plan.answer) return convert(std::move(*plan.answer));
    if (plan.body != BodyKind::stream) {
      request.body = sent.body;
      Response response = api.handle(plan, request);
      api.finish(request, response, {});
      return convert(std::move(response));
    }
    auto opened = api.open_sink(plan, request);
    if (auto* refusal = std::get_if<Response>(&opened)) return convert(std::move(*refusal));
    auto& sink = std::get<std::unique_ptr<BodySink>>(opened);
    for (std::size_t at = 0; at < sent.body.size(); at += sent.piece)
      if (auto early = sink->write(std::string_view(sent.body).substr(at, sent.piece)))
        return convert(std::move(*early));
    return convert(sink->finish());
  }
};

// A multipart/form-data body; an empty filename makes a plain field.
struct FormPart {
  std::string name;
  std::string value;
  std::string filename = {};
  std::string type = {};
};
inline std::string form_body(const std::vector<FormPart>& parts,
                             std::string_view boundary = "XyZ") {
  std::string body;
  for (const auto& part : parts) {
    body.append("--").append(boundary).append("\r\nContent-Disposition: form-data; name=\"");
    body += part.name + "\"";
    if (!part.filename.empty()) body += "; filename=\"" + part.filename + "\"";
    if (!part.type.empty()) body += "\r\nContent-Type: " + part.type;
    body += "\r\n\r\n" + part.value + "\r\n";
  }
  return body.append("--").append(boundary).append("--\r\n");
}

}  // namespace tintype::testing
