#include "fronts/cli/lambda_command.h"

#include <cstdio>
#include <cstdlib>

#include "app/application.h"
#include "fronts/lambda/lambda_handler.h"
#include "fronts/lambda/runtime.h"
#include "telemetry/log.h"

namespace tintype {
namespace {

int fail(const Error& error, int code) {
  std::fprintf(stderr, "tintype: %s\n", error.detail.c_str());
  return code;
}

int fail_start(const RuntimeApi& runtime, const Error& error, int code) {
  (void)runtime.report_init({"Runtime.StartFailed", error.detail});
  return fail(error, code);
}

// The path of a URL: `/v1` of `https://images.example.com/v1`.
std::string path_of(std::string_view url) {
  auto host = url.find("://");
  auto slash = host == url.npos ? url.npos : url.find('/', host + 3);
  return slash == url.npos ? std::string() : std::string(url.substr(slash));
}

LambdaService service_of(Application& application, const Settings& settings) {
  LambdaService service{application.api(),
                        application.services(),
                        rights_of(settings.lambda.function),
                        path_of(settings.public_url),
                        {}};
  if (settings.public_url.empty())
    service.on_base_url = [&application](const std::string& url) {
      application.set_public_url(url);
    };
  return service;
}

}  // namespace

int lambda_command(SettingsSources sources) {
  const char* address = std::getenv("AWS_LAMBDA_RUNTIME_API");
  if (!address || !*address)
    return fail(invalid_error("no_runtime",
                              "tintype lambda runs in AWS Lambda only, where "
                              "AWS_LAMBDA_RUNTIME_API says whom to ask for events"),
                2);
  RuntimeApi runtime(address);
  sources.environment = process_environment();
  sources.behind_gateway = true;
  auto settings = load_settings(sources);
  if (!settings.ok()) return fail_start(runtime, settings.error(), 2);
  set_log_level(static_cast<LogLevel>(settings->log.level));
  std::string url =
      settings->public_url.empty() ? "http://" + to_string(settings->listen) : settings->public_url;
  auto application = Application::create(*settings, url, BackgroundWork::no);
  if (!application.ok()) return fail_start(runtime, application.error(), 1);
  auto service = service_of(**application, *settings);
  auto end = run_invocations(
      runtime, [&](const Invocation& invocation) { return answer_event(service, invocation); });
  return fail(end, 1);
}

}  // namespace tintype
