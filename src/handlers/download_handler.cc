#include "base/json_writer.h"
#include "domain/format_choice.h"
#include "handlers/answer.h"
#include "handlers/handlers.h"
#include "handlers/ownership.h"
#include "handlers/path_id.h"
#include "handlers/query_params.h"
#include "handlers/rendition_link.h"
#include "handlers/rendition_query.h"
#include "handlers/response.h"
#include "services/download_image.h"
#include "services/image_access.h"
#include "services/render_image.h"

namespace tintype {
namespace {

constexpr std::int64_t kMaxLifetime = 604800;

struct DownloadAsk {
  DownloadOptions options;
  std::optional<RenditionSpec> rendition;  // nothing: the original
  bool redirect = false;
};

// What the answer says of a link.
struct LinkView {
  std::string url;
  Timestamp expires_at;
  std::string filename;
  MediaType content_type = MediaType::jpeg;
  std::optional<std::uint64_t> size;  // not known of a picture that is not made yet
};

std::string link_json(const LinkView& link) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("download_url").string(link.url);
  json.key("expires_at").time(link.expires_at);
  json.key("filename").string(link.filename);
  json.key("content_type").string(media_type_name(link.content_type));
  json.key("size");
  if (link.size) json.number(*link.size);
  else json.null();
  json.end_object();
  return body;
}

Result<DownloadAsk> read_download(const ApiContext& context, const Request& request) {
  std::vector<FieldError> errors;
  QueryParams params(request.raw_query);
  DownloadAsk ask;
  ask.options.expires_in =
      seconds(params.take_integer("expires_in", 1, kMaxLifetime, errors).value_or(900));
  auto disposition = params.take("disposition").value_or("attachment");
  ask.options.attachment = disposition == "attachment";
  if (disposition != "attachment" && disposition != "inline")
    errors.push_back({"disposition", "invalid_value", "It must be inline or attachment."});
  ask.redirect = params.take_bool("redirect", errors).value_or(false);
  ask.rendition = take_rendition(params, context.services.renditions.variants, errors);
  params.reject_others(errors);
  if (!errors.empty()) return validation_error(std::move(errors));
  return ask;
}

Result<LinkView> original_link(const ApiContext& context, ImageMetadata image,
                               const DownloadOptions& options) {
  auto link = TRY(download_image(context.services, std::move(image), options));
  return LinkView{std::move(link.url), link.expires_at, std::move(link.image.filename),
                  link.image.content_type, link.image.size};
}

std::optional<std::uint64_t> stored_size(const ApiContext& context, const std::string& object) {
  if (!context.services.renditions.store_is_local) return std::nullopt;
  auto head = context.services.objects.head(object);
  return head.ok() ? std::optional(head->size) : std::nullopt;
}

// An open format is decided now, by what this request accepts: whoever follows the link gets the
// picture that was promised.
Result<LinkView> rendition_link(const ApiContext& context, const Request& request,
                                const ImageMetadata& image, const DownloadAsk& ask) {
  TRY(check_active(image));
  const auto accepted = accepted_formats(request.header("accept").value_or(""));
  RenditionLink link{image.image_id, *ask.rendition, ask.options.attachment, 0};
  link.spec.format = choose_format(link.spec, *image.facts, accepted);
  link.spec = canonical(link.spec);
  const auto expires_at =
      std::chrono::floor<seconds>(context.services.clock.now()) + ask.options.expires_in;
  link.expires = expires_at.time_since_epoch().count();
  const auto plan = plan_rendition(context.services.renditions, image, {link.spec, {}});
  LinkView view;
  const std::string secret = TRY(context.config.cursor_secret.get());
  view.url = context.config.public_url + sign_rendition_link(link, secret);
  view.expires_at = expires_at;
  view.content_type = plan.first.content_type();
  view.filename = rendition_filename(image.filename, view.content_type);
  view.size = stored_size(context, plan.first.object);
  return view;
}

Result<Response> download(const ApiContext& context, const Caller& caller, const Request& request) {
  auto ask = TRY(read_download(context, request));
  auto id = TRY(path_image_id(request));
  auto image = TRY(find_own_image(context, caller, id));
  auto link = TRY(ask.rendition ? rendition_link(context, request, image, ask)
                                : original_link(context, std::move(image), ask.options));
  Response response = ask.redirect ? empty_response(302) : json_response(200, link_json(link));
  if (ask.redirect) response.set("Location", link.url);
  response.set("Cache-Control", "private, no-store");
  return response;
}

}  // namespace

Response download_handler(const ApiContext& context, const Caller& caller, const Request& request) {
  return answer(request, download(context, caller, request));
}

}  // namespace tintype
