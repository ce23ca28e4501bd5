// CredentialWorld: an environment, a home folder, a clock and a network that hold what a test put
// there and nothing of the machine it runs on.
#pragma once

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <vector>

#include "adapters/aws/aws_surroundings.h"
#include "adapters/aws/credentials.h"
#include "support/fake_http_server.h"

namespace tintype::testing {

class SteppedClock final : public Clock {
 public:
  Timestamp now() const override { return Timestamp(milliseconds(ms_.load())); }
  void advance(milliseconds by) { ms_ += by.count(); }

 private:
  // 2026-11-22T08:00:00Z
  std::atomic<std::int64_t> ms_{1795334400000};
};

inline Deadline soon() { return deadline_in(seconds(20)); }

struct CredentialWorld {
  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> servers;  // `http://169.254.170.2` -> a FakeHttpServer's url()
  SteppedClock clock;
  SystemRandom random;
  std::string region;

  CredentialWorld() {
    char path[] = "/tmp/tintype-home-XXXXXX";
    home_ = ::mkdtemp(path);
  }
  ~CredentialWorld() { std::filesystem::remove_all(home_); }
  CredentialWorld(const CredentialWorld&) = delete;

  const std::string& home() const { return home_; }
  // Writes a file below the home folder; returns its path.
  std::string file(const std::string& name, std::string_view text) const {
    const std::filesystem::path path = home_ + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  // It, and what is made with it, must not outlive this world.
  AwsSurroundings surroundings() {
    auto variable = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
    auto send = [this](const HttpRequest& request) { return this->send(request); };
    return {variable, home_, send, clock, random, region};
  }

  // Of all requests, those to nowhere included.
  std::vector<std::string> urls() const {
    std::lock_guard lock(mutex_);
    return urls_;
  }

  std::string in(milliseconds from_now) const { return format_rfc3339(clock.now() + from_now); }

 private:
  Result<HttpResponse> send(HttpRequest request) {
    {
      std::lock_guard lock(mutex_);
      urls_.push_back(request.url);
    }
    for (const auto& [name, server] : servers) {
      if (!request.url.starts_with(name)) continue;
      request.url.replace(0, name.size(), server);
      return HttpClient().send(request);
    }
    if (request.url.starts_with("http://127.0.0.1:")) return HttpClient().send(request);
    return unavailable_error(request.url + ": there is no network in tests");
  }

  std::string home_;
  mutable std::mutex mutex_;
  std::vector<std::string> urls_;
};

inline std::string role_xml(std::string_view id, std::string_view expiration) {
  return "<AssumeRoleResponse "
         "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>"
         "<AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/r/s</Arn></AssumedRoleUser>"
         "<Credentials><AccessKeyId>" +
         std::string(id) +
         "</AccessKeyId><SecretAccessKey>sts/secret+1</SecretAccessKey>"
         "<SessionToken>\n  sts-token==\n</SessionToken><Expiration>" +
         std::string(expiration) +
         "</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
}

inline std::string sts_error(std::string_view code, std::string_view message = "words") {
  return "<ErrorResponse><Error><Type>Sender</Type><Code>" + std::string(code) +
         "</Code><Message>" + std::string(message) + "</Message></Error></ErrorResponse>";
}

inline std::string service_json(std::string_view id, std::string_view expiration) {
  return R"({"Code":"Success","AccessKeyId":")" + std::string(id) +
         R"(","SecretAccessKey":"service-secret","Token":"service-token","Expiration":")" +
         std::string(expiration) + R"("})";
}

}  // namespace tintype::testing
