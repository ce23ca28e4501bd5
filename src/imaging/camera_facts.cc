#include "imaging/camera_facts.h"

#include <charconv>
#include <cmath>

#include "base/json_writer.h"

namespace tintype {
namespace {

// At most `digits` behind the point, without trailing zeros: 2.8, not 2.7999999.
std::string decimal(double value, int digits) {
  char text[64];
  auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, digits).ptr;
  std::string out(text, end);
  if (out.find('.') != std::string::npos) {
    while (out.back() == '0') out.pop_back();
    if (out.back() == '.') out.pop_back();
  }
  return out == "-0" ? "0" : out;
}

}  // namespace

std::string camera_json(const CameraFacts& camera) {
  std::string out;
  JsonWriter json(out);
  auto text = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) json.key(key).string(value);
  };
  auto number = [&](std::string_view key, std::optional<double> value) {
    if (value) json.key(key).raw(decimal(*value, 2));
  };
  json.begin_object();
  text("camera_make", camera.camera_make);
  text("camera_model", camera.camera_model);
  text("lens", camera.lens);
  text("exposure_time", camera.exposure_time);
  number("f_number", camera.f_number);
  if (camera.iso) json.key("iso").number(std::uint64_t{*camera.iso});
  number("focal_length", camera.focal_length);
  text("taken_at", camera.taken_at);
  text("software", camera.software);
  text("artist", camera.artist);
  text("copyright", camera.copyright);
  json.end_object();
  return out;
}

std::string location_json(const Location& location) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("latitude").raw(decimal(location.latitude, 7));
  json.key("longitude").raw(decimal(location.longitude, 7));
  if (location.altitude) json.key("altitude").raw(decimal(*location.altitude, 2));
  json.end_object();
  return out;
}

}  // namespace tintype
