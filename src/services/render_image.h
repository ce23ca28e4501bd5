// Render image: the picture that a client asks for, found where it was made before, or made now.
//
//   auto image = TRY(find_active_image(context, id));       // asked for every request
//   auto plan = plan_rendition(context.renditions, image, wish);
//   auto picture = find_rendition(context, renditions, image, plan);     // no more than a file
//   read if (!picture) picture = TRY(render_image(context, renditions, image, plan, deadline));
#pragma once

#include <optional>
#include <string>

#include "domain/format_choice.h"
#include "services/renditions.h"

namespace tintype {

struct RenditionWish {
  RenditionSpec spec;        // its format may be open
  AcceptedFormats accepted;  // what the client can show, for an open format
};

// One picture of one image, fully decided.
struct PlannedRendition {
  RenditionSpec spec;  // resolved
  std::string key;     // names the picture among those of its image; its ETag
  std::string object;  // where it is stored
  MediaType content_type() const { return *spec.format; }
};

struct RenditionPlan {
  PlannedRendition first;                  // the answer, when there is no better one
  std::optional<PlannedRendition> better;  // AVIF, for a client that takes it
  bool better_at_once = false;             // small enough to be made while the client waits
};

struct ImageRendition {
  PlannedRendition plan;
  RenditionContent content;
  bool provisional = false;  // a better one is on its way
};

// Decides from the record alone. The image must be active.
RenditionPlan plan_rendition(const RenditionPolicy& policy, const ImageMetadata& image,
                             const RenditionWish& wish);

// The picture, if it is there already. Opens at most two objects and renders nothing; orders the
// better picture when only the other one is there.
std::optional<ImageRendition> find_rendition(const ServiceContext& context, Renditions& renditions,
                                             const ImageMetadata& image, const RenditionPlan& plan);

// Orders the better picture of a plan that has one, without looking for any.
void want_better(const ServiceContext& context, Renditions& renditions, const ImageMetadata& image,
                 const RenditionPlan& plan);

// The picture, made and stored if it is not there. Errors: the engine's (`unprocessable` when the
// original cannot be rendered, `unavailable`); `timeout`; `gone` and `not_found` when the image was
// deleted meanwhile; the stores'. That a picture cannot be stored is no error, nor is it that the
// better one cannot be made while the other one can.
Result<ImageRendition> render_image(const ServiceContext& context, Renditions& renditions,
                                    const ImageMetadata& image, const RenditionPlan& plan,
                                    Deadline deadline);

}  // namespace tintype
