#include "domain/rendition_geometry.h"
#include "handlers/answer.h"
#include "handlers/authenticate.h"
#include "handlers/byte_range.h"
#include "handlers/handlers.h"
#include "handlers/ownership.h"
#include "handlers/path_id.h"
#include "handlers/query_params.h"
#include "handlers/rendition_link.h"
#include "handlers/rendition_memo.h"
#include "handlers/rendition_query.h"
#include "handlers/response.h"
#include "services/download_image.h"
#include "services/image_access.h"
#include "services/render_image.h"

namespace tintype {
namespace {

constexpr std::int64_t kMaxNumber = std::numeric_limits<std::int64_t>::max();
// Seconds that a browser may keep a picture whose image may change its visibility, and one that
// shall be replaced as soon as a better one is there.
constexpr std::int64_t kPrivateAge = 3600;
constexpr std::int64_t kProvisionalAge = 60;
constexpr seconds kRedirectLifetime{3600};

// An ask that may be answered, and what with.
struct RenditionCase {
  std::shared_ptr<const KnownRendition> known;
  ImageMetadata image;
  const RenditionAsk& ask() const { return known->ask; }
  const RenditionPlan& plan() const { return known->plan; }
};

Result<RenditionAsk> read_ask(const ApiContext& context, const Request& request) {
  std::vector<FieldError> errors;
  QueryParams params(request.raw_query);
  RenditionAsk ask;
  auto spec = take_rendition(params, context.services.renditions.variants, errors);
  if (spec) ask.spec = std::move(*spec);
  ask.wanted_revision = params.take_integer("v", 0, kMaxNumber, errors);
  if (auto signature = params.take("signature")) {
    ask.signature = std::move(*signature);
    ask.expires = params.take_integer("expires", 0, kMaxNumber, errors).value_or(0);
    auto disposition = params.take("disposition").value_or("inline");
    ask.attachment = disposition == "attachment";
    if (!ask.attachment && disposition != "inline")
      errors.push_back({"disposition", "invalid_value", "It must be inline or attachment."});
  }
  params.reject_others(errors);
  if (!errors.empty()) return validation_error(std::move(errors));
  return ask;
}

bool may_see(const Caller& caller, const ImageMetadata& image) {
  return image.visibility == Visibility::public_ || may_act_for_owner(caller, image);
}

// The image, if the caller may have it. To strangers, an image that they may not see and one that
// does not exist are the same.
Result<ImageMetadata> admitted_image(const ApiContext& context, const Caller& caller,
                                     const RenditionAsk& ask, const ImageId& id) {
  if (ask.expires) {
    const RenditionLink link{id, ask.spec, ask.attachment, *ask.expires};
    const std::string secret = TRY(context.config.cursor_secret.get());
    TRY(verify_rendition_link(link, ask.signature, secret, context.services.clock.now()));
    return find_active_image(context.services, id);
  }
  auto image = find_image(context.services, id);
  const bool hidden = image.ok() ? !may_see(caller, *image) : image.error().is("not_found");
  const bool stranger = caller.user_id.empty() && !caller.may_act_for_all;
  if (hidden && stranger)
    return Error{ErrorKind::unauthenticated, "unauthenticated", "This needs credentials.", {}};
  if (hidden) return not_found_error("There is no such image.");
  if (image.ok()) TRY(check_active(*image));
  return image;
}

// The same ask of the image as it is now.
Result<std::shared_ptr<const KnownRendition>> planned_for(const ApiContext& context,
                                                          const RenditionAsk& ask,
                                                          const ImageMetadata& image,
                                                          const AcceptedFormats& accepted) {
  auto known = std::make_shared<KnownRendition>();
  known->ask = ask;
  known->image_id = image.image_id;
  known->revision = image.revision;
  known->plan = plan_rendition(context.services.renditions, image, {ask.spec, accepted});
  TRY(check_rendition(known->plan.first.spec, *image.facts));
  return std::shared_ptr<const KnownRendition>(std::move(known));
}

Result<RenditionCase> open_case(const ApiContext& context, const Caller& caller,
                                const Request& request) {
  RenditionMemo& memo = *context.rendition_memo;
  const std::string key = RenditionMemo::key_of(request);
  RenditionCase opened;
  opened.known = memo.find(key);
  if (opened.known) {
    opened.image = TRY(admitted_image(context, caller, opened.ask(), opened.known->image_id));
    if (opened.known->revision == opened.image.revision) return opened;
  }
  auto ask = TRY(read_ask(context, request));
  auto id = TRY(path_image_id(request));
  opened.image = TRY(admitted_image(context, caller, ask, id));
  opened.known = TRY(
      planned_for(context, ask, opened.image, accepted_formats(request.joined_headers("accept"))));
  memo.keep(key, opened.known);
  return opened;
}

bool may_be_shared(const RenditionCase& opened) {
  return opened.image.visibility == Visibility::public_ &&
         opened.ask().wanted_revision == opened.image.revision;
}

std::string cache_control(const ApiContext& context, const RenditionCase& opened,
                          bool provisional) {
  const bool is_public = may_be_shared(opened);
  if (is_public && !provisional) return "public, max-age=31536000, immutable";
  std::int64_t age = provisional ? kProvisionalAge : kPrivateAge;
  if (opened.ask().expires) {
    const auto now = std::chrono::floor<seconds>(context.services.clock.now());
    age = std::min(age, *opened.ask().expires - now.time_since_epoch().count());
  }
  return (is_public ? "public, max-age=" : "private, max-age=") + std::to_string(age);
}

// The headers of the picture, for 200 and 304.
void describe(const ApiContext& context, const RenditionCase& opened, std::string_view key,
              bool provisional, Response& response) {
  response.set("ETag", "\"" + std::string(key) + "\"");
  response.set("Cache-Control", cache_control(context, opened, provisional));
  if (!opened.ask().spec.format) response.set("Vary", "Accept");
}

// The key that the client has and may go on using. Where a better picture is or will be there, the
// other one is not good enough any more.
std::optional<std::string> unchanged_key(const ApiContext& context, const RenditionCase& opened,
                                         const Request& request) {
  if (!request.header("if-none-match")) return std::nullopt;
  const RenditionPlan& plan = opened.plan();
  auto has = [&](const PlannedRendition& picture) {
    return if_none_match(request, "\"" + picture.key + "\"");
  };
  if (plan.better && has(*plan.better)) return plan.better->key;
  if (!has(plan.first)) return std::nullopt;
  if (!plan.better) return plan.first.key;
  if (plan.better_at_once) return std::nullopt;
  RenditionPlan only_better{*plan.better, std::nullopt, false};
  if (find_rendition(context.services, *context.renditions, opened.image, only_better))
    return std::nullopt;
  // The order may have been lost, and clients that only ask whether there is news would wait for
  // ever.
  want_better(context.services, *context.renditions, opened.image, plan);
  return plan.first.key;
}

Response not_modified(const ApiContext& context, const RenditionCase& opened,
                      const std::string& key) {
  Response response = empty_response(304);
  describe(context, opened, key, opened.plan().better && key == opened.plan().first.key, response);
  return response;
}

// Whoever keeps the answer must come back while the URL in it is good.
std::string redirect_control(const RenditionCase& opened, bool provisional, milliseconds life) {
  const std::int64_t most = provisional ? kProvisionalAge : kPrivateAge;
  const std::int64_t half = std::chrono::floor<seconds>(life / 2).count();
  return (may_be_shared(opened) ? "public, max-age=" : "private, max-age=") +
         std::to_string(std::min(half, most));
}

// Where clients fetch the picture by themselves. No link outlives the one that led to it.
Result<Response> redirect(const ApiContext& context, const RenditionCase& opened,
                          const ImageRendition& rendition) {
  const MediaType type = rendition.plan.content_type();
  PresignGet wish;
  wish.key = rendition.content.object;
  wish.content_type = media_type_name(type);
  wish.content_disposition =
      content_disposition(opened.ask().attachment, rendition_filename(opened.image.filename, type));
  wish.now = context.services.clock.now();
  wish.expires_in = kRedirectLifetime;
  if (opened.ask().expires) {
    const Timestamp end{seconds(*opened.ask().expires)};
    wish.expires_in =
        std::clamp(std::chrono::ceil<seconds>(end - wish.now), seconds(1), kRedirectLifetime);
  }
  const auto url = TRY(context.services.objects.presign_get(wish));
  Response response = empty_response(302);
  response.set("ETag", "\"" + rendition.plan.key + "\"");
  response.set("Cache-Control",
               redirect_control(opened, rendition.provisional, url.expires_at - wish.now));
  if (!opened.ask().spec.format) response.set("Vary", "Accept");
  response.set("Location", url.url);
  return response;
}

Response unsatisfiable(const Request& request, std::uint64_t size) {
  Response response = problem_response(
      416, "range_not_satisfiable", "The range lies behind the picture's end.", request.request_id);
  response.set("Content-Range", "bytes */" + std::to_string(size));
  return response;
}

Response picture(const ApiContext& context, const RenditionCase& opened, const Request& request,
                 ImageRendition rendition) {
  const MediaType type = rendition.plan.content_type();
  const auto range =
      requested_range(request, rendition.content.size, "\"" + rendition.plan.key + "\"", {});
  if (range.kind == RangeDecision::Kind::unsatisfiable)
    return unsatisfiable(request, rendition.content.size);
  Response response;
  response.set("Content-Type", std::string(media_type_name(type)));
  describe(context, opened, rendition.plan.key, rendition.provisional, response);
  response.set("Content-Disposition",
               content_disposition(opened.ask().attachment,
                                   rendition_filename(opened.image.filename, type)));
  response.set("Accept-Ranges", "bytes");
  RenditionContent& content = rendition.content;
  if (content.bytes) response.body = std::move(content.bytes);
  else response.body = FileBody{std::move(content.file), content.offset, content.size};
  if (range.kind == RangeDecision::Kind::part) cut_to_range(response, range.range);
  return response;
}

// What can be answered at once: a refusal, 304, or a picture that is there.
Result<std::optional<Response>> answer_quickly(const ApiContext& context, const Caller& caller,
                                               const Request& request) {
  auto opened = TRY(open_case(context, caller, request));
  if (auto key = unchanged_key(context, opened, request))
    return std::optional(not_modified(context, opened, *key));
  auto found = find_rendition(context.services, *context.renditions, opened.image, opened.plan());
  if (!found) return std::optional<Response>();
  return std::optional(picture(context, opened, request, std::move(*found)));
}

Result<Response> render(const ApiContext& context, const Caller& caller, const Request& request) {
  auto opened = TRY(open_case(context, caller, request));
  if (auto key = unchanged_key(context, opened, request))
    return not_modified(context, opened, *key);
  const Deadline deadline = std::min(request.arrived + kRequestBudget, request.deadline);
  auto rendition =
      render_image(context.services, *context.renditions, opened.image, opened.plan(), deadline);
  // Nobody has asked for the format that cannot be so large: the one that every client takes can.
  if (!rendition.ok() && rendition.error().is(ErrorKind::invalid) && !opened.ask().spec.format) {
    opened.known = TRY(planned_for(context, opened.ask(), opened.image, {}));
    rendition =
        render_image(context.services, *context.renditions, opened.image, opened.plan(), deadline);
  }
  if (!rendition.ok()) return std::move(rendition).error();
  if (!rendition->content.object.empty()) return redirect(context, opened, *rendition);
  return picture(context, opened, request, std::move(*rendition));
}

}  // namespace

std::optional<Response> quick_rendition(const ApiContext& context, const Caller& caller,
                                        const Request& request) {
  if (!context.services.renditions.store_is_local) return std::nullopt;
  auto response = answer_quickly(context, caller, request);
  if (response.ok()) return std::move(*response);
  return problem_response(response.error(), request.request_id);
}

Response rendition_handler(const ApiContext& context, const Caller& caller,
                           const Request& request) {
  return answer(request, render(context, caller, request));
}

}  // namespace tintype
