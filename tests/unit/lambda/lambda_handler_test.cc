#include "fronts/lambda/lambda_handler.h"

#include <gtest/gtest.h>

#include "handlers/routes.h"
#include "samples.h"
#include "services/delete_image.h"
#include "support/api_world.h"

namespace tintype {
namespace {

using namespace testing;

std::string quoted(const std::string& text) {
  return boost::json::serialize(boost::json::value(text));
}

class LambdaHandlerTest : public ::testing::Test {
 protected:
  LambdaHandlerTest() { world_.api_context.config.log_requests = false; }

  FunctionAnswer answer(const std::string& event, LambdaFunction function = LambdaFunction::all,
                        Deadline deadline = Deadline::max()) {
    LambdaService service{world_.api, world_.context, rights_of(function), "", {}};
    Invocation invocation;
    invocation.request_id = "invocation-1";
    invocation.event = event;
    invocation.deadline = deadline;
    return answer_event(service, invocation);
  }

  boost::json::value http(const std::string& method, const std::string& path,
                          const std::string& body = "",
                          LambdaFunction function = LambdaFunction::all,
                          const std::string& more = "") {
    std::string event = R"({"version":"2.0","rawPath":)" + quoted(path) +
                        R"(,"rawQueryString":"","headers":{"content-type":"application/json"},)" +
                        more + R"("requestContext":{"stage":"$default","http":{"method":)" +
                        quoted(method) + "}}";
    if (!body.empty()) event += ",\"body\":" + quoted(body);
    auto answered = answer(event + "}", function);
    EXPECT_TRUE(std::holds_alternative<std::string>(answered));
    return boost::json::parse(std::get<std::string>(answered));
  }

  static std::string error_type(const FunctionAnswer& answer) {
    const auto* error = std::get_if<FunctionError>(&answer);
    return error ? error->type : "none";
  }

  std::string bucket() const { return world_.context.objects.bucket(); }
  std::string event_for(const ImageMetadata& image) const {
    return records(s3_record(incoming_key(image.image_id), bucket()));
  }
  static std::string message(const std::string& id, const std::string& body) {
    return R"({"eventSource":"aws:sqs","messageId":")" + id + R"(","body":)" + quoted(body) + "}";
  }
  ImageStatus status_of(const ImageMetadata& image) {
    return world_.memory_metadata.get(image.image_id).value().status;
  }

  ApiWorld world_;
};

TEST_F(LambdaHandlerTest, RequestsReachTheHandlers) {
  auto created =
      http("POST", "/images", R"({"filename":"a.jpg","content_type":"image/jpeg","size":5})");
  EXPECT_EQ(created.at("statusCode"), 201) << boost::json::serialize(created);
  auto image = world_.create_active();
  auto got = http("GET", "/images/" + image.image_id.to_string());
  EXPECT_EQ(got.at("statusCode"), 200);
  EXPECT_EQ(got.at("headers").at("X-Request-Id"), "invocation-1");
  EXPECT_EQ(boost::json::parse(got.at("body").as_string()).at("status"), "active");
}

TEST_F(LambdaHandlerTest, AnEventBeyondTheLimitIsRefusedWithTheHint) {
  auto answered = http("POST", "/images", std::string(kMaxLambdaPayload, ' '));
  EXPECT_EQ(answered.at("statusCode"), 413);
  EXPECT_NE(answered.at("body").as_string().find("upload_url"), boost::json::string::npos);
}

TEST_F(LambdaHandlerTest, FormsAreStreamedIntoTheStore) {
  auto body =
      form_body({{"user_id", "ann"}, {"file", std::string(600'000, 'x'), "a.jpg", "image/jpeg"}});
  std::string event = R"({"httpMethod":"POST","path":"/images","requestContext":{},
    "headers":{"Content-Type":"multipart/form-data; boundary=XyZ"},"isBase64Encoded":true,"body":")" +
                      base64_encode(body) + "\"}";
  auto answered = boost::json::parse(std::get<std::string>(answer(event)));
  EXPECT_EQ(answered.at("statusCode"), 201) << boost::json::serialize(answered);
}

TEST_F(LambdaHandlerTest, ABrokenBodyIsTheClientsFault) {
  auto answered = http("POST", "/images", "***", LambdaFunction::all, R"("isBase64Encoded":true,)");
  EXPECT_EQ(answered.at("statusCode"), 400);
}

TEST_F(LambdaHandlerTest, AHandlerThatThrowsIsA500) {
  class Thrower final : public HttpApi {
   public:
    explicit Thrower(HttpApi& api) : api_(api) {}
    Plan begin(Request& request) override { return api_.begin(request); }
    Response handle(const Plan&, const Request&) override { throw std::bad_alloc(); }
    std::variant<std::unique_ptr<BodySink>, Response> open_sink(const Plan&,
                                                                const Request&) override {
      throw std::bad_alloc();
    }
    Response refuse(const Request& request, int status, std::string_view code,
                    std::string_view detail) override {
      return api_.refuse(request, status, code, detail);
    }
    void finish(const Request&, const Response&, const RequestTiming&) override {}

   private:
    HttpApi& api_;
  } thrower(world_.api);
  LambdaService service{thrower, world_.context, rights_of(LambdaFunction::all), "", {}};
  Invocation invocation;
  invocation.event = R"({"httpMethod":"GET","path":"/healthz","requestContext":{}})";
  auto answered = boost::json::parse(std::get<std::string>(answer_event(service, invocation)));
  EXPECT_EQ(answered.at("statusCode"), 500);
}

TEST_F(LambdaHandlerTest, ClaimsSayWhoIsCalling) {
  auto create = [&](const std::string& claims) {
    return std::get<std::string>(answer(
        R"({"httpMethod":"POST","path":"/images",
      "headers":{"Content-Type":"application/json"},"requestContext":{"authorizer":{"claims":)" +
        claims +
        R"(}},"body":"{\"filename\":\"a.jpg\",\"content_type\":\"image/jpeg\",\"size\":5,\"user_id\":\"bob\"}"})"));
  };
  auto status = [](const std::string& text) {
    return boost::json::parse(text).at("statusCode").as_int64();
  };
  EXPECT_EQ(status(create(R"({"sub":"bob"})")), 201);
  EXPECT_EQ(status(create(R"({"sub":"ann"})")), 403);
  EXPECT_EQ(status(create(R"({"sub":"ann","scope":"images:write admin"})")), 201);
  EXPECT_EQ(status(create(R"({"sub":"bob","scope":"images:read"})")), 403);
  EXPECT_EQ(status(create(R"({"sub":"bob","scope":"openid api.example.com/images:write"})")), 201);
  EXPECT_EQ(status(create(R"({"sub":""})")), 401);
  EXPECT_EQ(status(create(R"({"sub":"a b"})")), 401);
}

TEST_F(LambdaHandlerTest, WhereClientsReachTheApiIsLearntFromTheEvent) {
  std::string learnt;
  LambdaService service{world_.api, world_.context, rights_of(LambdaFunction::all), "",
                        [&](const std::string& url) { learnt = url; }};
  Invocation invocation;
  invocation.event = kRestEvent;
  (void)answer_event(service, invocation);
  EXPECT_EQ(learnt, "https://abc.execute-api.eu-west-1.amazonaws.com/dev");
}

TEST_F(LambdaHandlerTest, AnArrivalCompletesItsUpload) {
  auto image = world_.create_and_put();
  EXPECT_EQ(std::get<std::string>(answer(event_for(image))), "null");
  EXPECT_EQ(status_of(image), ImageStatus::active);
  // Again, and late: the same.
  EXPECT_EQ(error_type(answer(event_for(image))), "none");
  EXPECT_EQ(world_.images.calls, 1);
}

TEST_F(LambdaHandlerTest, ArrivalsOfNoUploadAreAcknowledged) {
  auto waiting = world_.create();  // whose bytes are not there
  for (const auto& event :
       {event_for(waiting),
        records(s3_record("incoming/01890000-0000-7000-8000-000000000000", bucket())),
        records(s3_record("incoming/nothing", bucket())),
        records(s3_record("originals/a/b", bucket())),
        records(s3_record(incoming_key(waiting.image_id), "another-bucket")), kTestEvent})
    EXPECT_EQ(error_type(answer(event)), "none") << event;
  EXPECT_EQ(status_of(waiting), ImageStatus::processing);
}

TEST_F(LambdaHandlerTest, ArrivalsOfImagesThatAreNoMoreAreAcknowledged) {
  const auto deleted = world_.create_and_put();
  ASSERT_TRUE(delete_image(world_.context, deleted.image_id, {}).ok());
  const auto purged = world_.create_and_put("other");
  ASSERT_TRUE(purge_image(world_.context, purged.image_id, {}).ok());
  world_.put_bytes(incoming_key(purged.image_id), "other");  // which arrived late
  for (const auto& image : {deleted, purged}) {
    EXPECT_EQ(error_type(answer(event_for(image))), "none");
    EXPECT_EQ(std::get<std::string>(answer(records(message("m", event_for(image))))),
              R"({"batchItemFailures":[]})");
  }
  EXPECT_EQ(status_of(deleted), ImageStatus::deleted);
  EXPECT_EQ(world_.images.calls, 0);
}

TEST_F(LambdaHandlerTest, ADirectEventFailsWhenItMaySucceedLater) {
  auto image = world_.create_and_put();
  world_.images.answer = [] { return Result<ImageFacts>(unavailable_error("no worker")); };
  EXPECT_EQ(error_type(answer(event_for(image))), "Function.TryAgain");
  EXPECT_EQ(status_of(image), ImageStatus::processing);
}

TEST_F(LambdaHandlerTest, AnErrorThatStaysIsNotLooped) {
  auto image = world_.create_and_put();
  world_.images.answer = [] { return Result<ImageFacts>(internal_error("a defect")); };
  EXPECT_EQ(error_type(answer(event_for(image))), "none");
}

TEST_F(LambdaHandlerTest, AQueueGetsBackWhatMaySucceedLater) {
  auto good = world_.create_and_put();
  auto busy = world_.create_and_put("other");
  int calls = 0;
  world_.images.answer = [&, facts = world_.images.answer] {
    return ++calls == 2 ? Result<ImageFacts>(timeout_error("late")) : facts();
  };
  auto answered =
      answer(records(message("m1", event_for(good)) + "," + message("m2", event_for(busy)) + "," +
                     message("m3", "nonsense") + "," + message("m4", kTestEvent) + "," +
                     message("m5", kRestEvent)));
  EXPECT_EQ(std::get<std::string>(answered), R"({"batchItemFailures":[{"itemIdentifier":"m2"}]})");
  EXPECT_EQ(status_of(good), ImageStatus::active);
}

TEST_F(LambdaHandlerTest, AMessageWithoutAnIdIsNeverNamed) {
  auto image = world_.create_and_put();
  world_.images.answer = [] { return Result<ImageFacts>(unavailable_error("no worker")); };
  auto answered = answer(records(message("", event_for(image))));
  EXPECT_EQ(std::get<std::string>(answered), R"({"batchItemFailures":[]})");
}

TEST_F(LambdaHandlerTest, TheDeadlineOfTheInvocationBoundsTheWork) {
  auto image = world_.create_and_put();
  const auto deadline = deadline_in(seconds(5));
  EXPECT_EQ(error_type(answer(event_for(image), LambdaFunction::all, deadline)), "none");
  EXPECT_LE(world_.images.last_deadline.load(), deadline);
  auto other = world_.create_and_put("other");
  std::string event = R"({"httpMethod":"POST","path":"/images/)" + other.image_id.to_string() +
                      R"(/complete","requestContext":{}})";
  (void)answer(event, LambdaFunction::all, deadline);
  EXPECT_LE(world_.images.last_deadline.load(), deadline);
}

// API Gateway gives its client an answer after 29 seconds, whatever the function still does.
TEST_F(LambdaHandlerTest, ARequestTakesNoLongerThanItsGatewayWaits) {
  const auto deadline_when = [&](const std::string& context) {
    auto image = world_.create_and_put();
    std::string event = R"({"httpMethod":"POST","path":"/images/)" + image.image_id.to_string() +
                        R"(/complete","requestContext":{)" + context + "}}";
    (void)answer(event, LambdaFunction::all, deadline_in(seconds(300)));
    return world_.images.last_deadline.load() - std::chrono::steady_clock::now();
  };
  const auto received = [&](seconds ago) {
    const auto at = world_.clock.now() - ago;
    return R"("requestTimeEpoch":)" + std::to_string(at.time_since_epoch().count());
  };
  for (const auto& context : {std::string(), received(seconds(0)), received(seconds(-60)),
                              received(seconds(3600)), std::string(R"("requestTimeEpoch":"x")")}) {
    EXPECT_LE(deadline_when(context), seconds(28)) << context;
    EXPECT_GT(deadline_when(context), seconds(20)) << context;
  }
  EXPECT_LE(deadline_when(received(seconds(10))), seconds(18));  // of an instance that was started
}

TEST_F(LambdaHandlerTest, TheScheduleRunsTheJanitor) {
  auto arrived = world_.create_and_put();
  auto abandoned = world_.create();
  world_.clock.advance(std::chrono::hours(25));
  for (const auto& event : {kScheduleEvent, std::string(R"({"action":"janitor"})")}) {
    auto answered = answer(event, LambdaFunction::janitor, deadline_in(seconds(60)));
    ASSERT_TRUE(std::holds_alternative<std::string>(answered));
  }
  EXPECT_EQ(status_of(arrived), ImageStatus::active);
  EXPECT_EQ(status_of(abandoned), ImageStatus::failed);
}

TEST_F(LambdaHandlerTest, TheJanitorStopsInTime) {
  auto arrived = world_.create_and_put();
  auto answered = answer(kScheduleEvent, LambdaFunction::janitor, deadline_in(milliseconds(0)));
  EXPECT_EQ(status_of(arrived), ImageStatus::processing);
  EXPECT_EQ(error_type(answered), "none");
}

TEST_F(LambdaHandlerTest, AFunctionTakesItsOwnEventsOnly) {
  auto image = world_.create_and_put();
  using enum LambdaFunction;
  for (auto function : {upload, list, get, download, delete_, update, janitor, rendition})
    EXPECT_EQ(error_type(answer(event_for(image), function)), "Function.Forbidden");
  for (auto function : {upload, list, get, download, delete_, update, process, rendition})
    EXPECT_EQ(error_type(answer(kScheduleEvent, function)), "Function.Forbidden");
  EXPECT_EQ(error_type(answer(event_for(image), process)), "none");
}

TEST_F(LambdaHandlerTest, AnotherFunctionsRouteIsNotFound) {
  auto image = world_.create_active();
  auto path = "/images/" + image.image_id.to_string();
  EXPECT_EQ(http("GET", path, "", LambdaFunction::get).at("statusCode"), 200);
  EXPECT_EQ(http("HEAD", path, "", LambdaFunction::get).at("statusCode"), 200);
  EXPECT_EQ(http("DELETE", path, "", LambdaFunction::get).at("statusCode"), 404);
  EXPECT_EQ(http("GET", path, "", LambdaFunction::list).at("statusCode"), 404);
  EXPECT_EQ(http("PUT", path, "", LambdaFunction::get).at("statusCode"), 405);
  EXPECT_EQ(http("OPTIONS", path, "", LambdaFunction::list).at("statusCode"), 204);
  EXPECT_EQ(http("DELETE", path, "", LambdaFunction::delete_).at("statusCode"), 200);
}

TEST(FunctionRights, EachRouteButTheEmbeddedUrlsHasOneFunction) {
  for (const auto& route : route_table()) {
    std::string path(route.pattern);
    int functions = 0;
    for (int i = 1; i <= static_cast<int>(LambdaFunction::rendition); ++i)
      functions += answers(rights_of(static_cast<LambdaFunction>(i)), route.method, path);
    EXPECT_EQ(functions, path.starts_with("/objects/") ? 0 : 1) << path;
    EXPECT_TRUE(answers(rights_of(LambdaFunction::all), route.method, path));
  }
}

TEST(FunctionRights, TheTableIsInTheOrderOfItsNames) {
  for (int i = 0; i <= static_cast<int>(LambdaFunction::rendition); ++i)
    EXPECT_EQ(rights_of(static_cast<LambdaFunction>(i)).function, static_cast<LambdaFunction>(i));
}

TEST_F(LambdaHandlerTest, MalformedAndUnknownEventsFailClearly) {
  EXPECT_EQ(error_type(answer("{")), "Function.MalformedEvent");
  EXPECT_EQ(error_type(answer("{}")), "Function.UnknownEvent");
}

}  // namespace
}  // namespace tintype
