// ServiceWorld: everything a service or handler needs, in memory, with a clock that tests move and
// an image engine that they script.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <functional>

#include "adapters/memory/memory_metadata_store.h"
#include "adapters/memory/memory_object_store.h"
#include "base/encoding.h"
#include "base/hash.h"
#include "domain/media_type.h"
#include "services/complete_upload.h"
#include "services/create_upload.h"
#include "services/service_context.h"
#include "support/faulty_metadata_store.h"
#include "support/faulty_object_store.h"
#include "support/image_builder.h"

namespace tintype::testing {

class ManualClock final : public Clock {
 public:
  Timestamp now() const override { return Timestamp(milliseconds(ms_.load())); }
  void advance(milliseconds by) { ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> ms_{kTestEpoch.time_since_epoch().count()};
};

// Says what a test told it; by default a picture of 640×480 of the declared signature.
class FakeImageEngine final : public ImageEngine {
 public:
  std::function<Result<ImageFacts>()> answer = [] {
    ImageFacts facts = ImageBuilder::facts();
    facts.width = 640;
    facts.height = 480;
    return Result<ImageFacts>(facts);
  };
  std::atomic<int> calls{0};
  std::atomic<Deadline> last_deadline{};  // of an examination

  Result<Examination> examine(const ImageSource&, const std::vector<RenditionSpec>& renditions,
                              const Limits&, Deadline deadline) override {
    ++calls;
    last_deadline = deadline;
    auto facts = answer();
    if (!facts.ok()) return std::move(facts).error();
    Examination examination;
    examination.facts = std::move(*facts);
    for (const auto& spec : renditions) examination.renditions.push_back(picture(spec));
    return examination;
  }
  Result<std::vector<RenderedImage>> render(const ImageSource&, const ImageFacts&,
                                            const std::vector<RenditionSpec>& specs, const Limits&,
                                            Deadline) override {
    ++renders;
    if (!render_state.ok()) return render_state.error();
    for (const auto& spec : specs)
      if (auto able = can_render(spec); !able.ok()) return able.error();
    std::vector<RenderedImage> images;
    for (const auto& spec : specs) images.push_back(picture(spec));
    return images;
  }
  Result<void> check() override { return state; }
  Result<void> state;
  Result<void> render_state;
  std::function<Result<void>(const RenditionSpec&)> can_render = [](auto&) {
    return Result<void>();
  };
  std::atomic<int> renders{0};

 private:
  // A file that says what was asked for.
  static RenderedImage picture(const RenditionSpec& spec) {
    std::string bytes = "rendition " + rendition_params(spec);
    RenderedImage image;
    image.fd = UniqueFd(memfd_create("rendition", MFD_CLOEXEC));
    (void)!pwrite(image.fd.get(), bytes.data(), bytes.size(), 0);
    image.size = bytes.size();
    image.width = std::max(1u, spec.width);
    image.height = std::max(1u, spec.height);
    image.content_type = spec.format.value_or(MediaType::jpeg);
    return image;
  }
};

// A policy that makes no picture before it is asked for one, so that tests of other things find the
// objects they made and no more.
inline RenditionPolicy without_ladder() {
  RenditionPolicy policy;
  policy.variants =
      RenditionVariants::parse({"thumb?width=320&height=320&fit=cover",
                                "feed?width=1080&height=1080", "full?width=2048&height=2048"},
                               {"none"})
          .value();
  return policy;
}

struct ServiceWorld {
  ManualClock clock;
  SeededRandom random{7};
  MemoryMetadataStore memory_metadata;
  MemoryObjectStore memory_objects{{{}, &clock, UINT64_MAX}};
  FaultyMetadataStore metadata{memory_metadata};
  FaultyObjectStore objects{memory_objects};
  FakeImageEngine images;
  ServiceContext context{metadata, objects, images, clock, random, {}, {}, {}, without_ladder()};

  static NewImage wish(std::uint64_t size = 5) {
    NewImage image;
    image.user_id = "ann";
    image.filename = "photo.jpg";
    image.size = size;
    return image;
  }

  ImageMetadata create(const NewImage& image = wish()) {
    return create_upload(context, image, {}).value().image;
  }

  void put_bytes(const std::string& key, std::string_view bytes) {
    PutSpec spec;
    spec.key = key;
    spec.size = bytes.size();
    auto writer = memory_objects.put(spec);
    (void)(*writer)->write(bytes);
    (void)(*writer)->commit();
  }

  ImageMetadata create_and_put(std::string_view bytes = "bytes") {
    auto image = create(wish(bytes.size()));
    put_bytes(image.s3_key, bytes);
    return image;
  }

  ImageMetadata create_active(std::string_view bytes = "bytes") {
    auto image = create_and_put(bytes);
    return complete_upload(context, image.image_id, deadline_in(seconds(5))).value();
  }

  std::string read(const std::string& key) {
    auto object = memory_objects.open(key);
    if (!object.ok()) return "(missing)";
    std::string bytes(object->length, '\0');
    (void)!pread(object->fd.get(), bytes.data(), bytes.size(), 0);
    return bytes;
  }

  std::vector<std::string> keys() {
    std::vector<std::string> out;
    auto page = memory_objects.list("", "", 1000).value();
    for (auto& object : page.objects) out.push_back(object.key);
    return out;
  }
};

}  // namespace tintype::testing
