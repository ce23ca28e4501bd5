// ImageBuilder: makes ImageMetadata for tests. Every image is valid and has an id of its own.
//
//   auto image = ImageBuilder().user("ann").tags({"cat"}).active().at(t).build();
#pragma once

#include <atomic>

#include "domain/image_metadata.h"

namespace tintype::testing {

// 2026-01-01T00:00:00Z, where test time begins.
inline constexpr Timestamp kTestEpoch{milliseconds(1'767'225'600'000)};

// Repeatable bytes (splitmix64); different for each seed.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed = 1) : state_(seed * 0x9E3779B97F4A7C15ull) {}
  void fill(std::span<std::byte> out) override {
    for (auto& byte : out) byte = static_cast<std::byte>(next() >> 32);
  }
  std::uint64_t next() {
    std::uint64_t z = state_.fetch_add(0x9E3779B97F4A7C15ull) + 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  // 0 to bound - 1.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

 private:
  std::atomic<std::uint64_t> state_;
};

class ImageBuilder {
 public:
  ImageBuilder() {
    image_.user_id = "ann";
    image_.filename = "photo.jpg";
    image_.size = 1000;
    image_.s3_bucket = "image-storage-bucket";
    at(kTestEpoch);
    image_.expires_at = kTestEpoch + std::chrono::hours(24);
  }

  ImageBuilder& user(std::string user_id) { return image_.user_id = std::move(user_id), *this; }
  ImageBuilder& filename(std::string name) { return image_.filename = std::move(name), *this; }
  ImageBuilder& type(MediaType type) { return image_.content_type = type, *this; }
  ImageBuilder& size(std::uint64_t bytes) { return image_.size = bytes, *this; }
  ImageBuilder& tags(std::vector<std::string> tags) { return image_.tags = std::move(tags), *this; }
  ImageBuilder& description(std::string text) {
    return image_.description = std::move(text), *this;
  }
  ImageBuilder& metadata(std::string json) { return image_.metadata_json = std::move(json), *this; }
  ImageBuilder& sha256(std::string hex) { return image_.sha256 = std::move(hex), *this; }
  ImageBuilder& status(ImageStatus status) { return image_.status = status, *this; }
  ImageBuilder& expires(std::optional<Timestamp> t) { return image_.expires_at = t, *this; }

  // The time of creation; gives a new id of that time.
  ImageBuilder& at(Timestamp t) {
    static SeededRandom random(20260101);
    image_.image_id = ImageId::generate(t, random);
    image_.upload_timestamp = image_.updated_at = t;
    return *this;
  }

  // As the service leaves a verified image: facts, hash and the original's key.
  ImageBuilder& active() {
    image_.status = ImageStatus::active;
    image_.expires_at.reset();
    if (!image_.sha256) image_.sha256 = std::string(64, 'a');
    image_.facts = facts();
    image_.facts->content_type = image_.content_type;
    return *this;
  }

  // The perceptual hash of an active image.
  ImageBuilder& looks(std::string hash) { return hash_ = std::move(hash), *this; }

  ImageBuilder& failed(std::string code = "corrupt_image") {
    image_.status = ImageStatus::failed;
    image_.expires_at.reset();
    image_.failure = Failure{std::move(code), "The file cannot be decoded."};
    return *this;
  }

  ImageBuilder& deleted(Timestamp purge_at) {
    active();
    image_.status = ImageStatus::deleted;
    image_.deleted_from = ImageStatus::active;
    image_.deleted_at = image_.updated_at;
    image_.purge_at = purge_at;
    return *this;
  }

  ImageMetadata build() const {
    ImageMetadata image = image_;
    if (image.facts) image.facts->perceptual_hash = hash_;
    image.s3_key = image.status == ImageStatus::processing ? incoming_key(image.image_id)
                                                           : original_key(image);
    return image;
  }

  static ImageFacts facts() {
    ImageFacts facts;
    facts.width = 4000;
    facts.height = 3000;
    facts.color_profile = "sRGB";
    facts.exif_json = R"({"camera":"Pentax K-1","iso":100})";
    return facts;
  }

 private:
  ImageMetadata image_;
  std::string hash_;
};

}  // namespace tintype::testing
