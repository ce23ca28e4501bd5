// What a camera wrote into a picture: the part of EXIF that Tintype keeps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tintype {

inline constexpr std::size_t kMaxExifText = 200;  // bytes of UTF-8

struct CameraFacts {
  std::string camera_make;
  std::string camera_model;
  std::string lens;
  std::string exposure_time;  // seconds as cameras show them: `1/250`, `2.5`
  std::optional<double> f_number;
  std::optional<std::uint32_t> iso;
  std::optional<double> focal_length;  // millimetres
  std::string taken_at;  // `2026-05-01T12:34:56`, with `+02:00` when the camera knew; local time
  std::string software;
  std::string artist;
  std::string copyright;
  bool operator==(const CameraFacts&) const = default;
};

struct Location {
  double latitude = 0;             // degrees, north positive, -90 to 90
  double longitude = 0;            // degrees, east positive, -180 to 180
  std::optional<double> altitude;  // metres above sea level
  bool operator==(const Location&) const = default;
};

// Compact JSON objects under the names above; what is absent is left out.
std::string camera_json(const CameraFacts& camera);
std::string location_json(const Location& location);

}  // namespace tintype
