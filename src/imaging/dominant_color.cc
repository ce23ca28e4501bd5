#include "imaging/dominant_color.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace tintype {
namespace {

constexpr int kBoxes = 16;  // along each channel
constexpr int kBoxWidth = 256 / kBoxes;
constexpr std::uint64_t kVividDivisor = 2;  // the most vivid pixel counts 1 + 1/2

struct ColourGroup {
  std::uint64_t weight = 0;
  std::array<std::uint64_t, 3> sums{};

  void add(const ColourGroup& other) {
    weight += other.weight;
    for (std::size_t c = 0; c < 3; ++c) sums[c] += other.sums[c];
  }
};

std::size_t box_index(int r, int g, int b) {
  return (static_cast<std::size_t>(r) * kBoxes + static_cast<std::size_t>(g)) * kBoxes +
         static_cast<std::size_t>(b);
}

std::vector<ColourGroup> count_boxes(const SmallPicture& picture) {
  std::vector<ColourGroup> boxes(box_index(kBoxes, 0, 0));
  for (std::size_t i = 0; i + 3 < picture.rgba.size(); i += 4) {
    const std::uint8_t* p = &picture.rgba[i];
    const auto [least, most] = std::minmax({p[0], p[1], p[2]});
    const std::uint64_t vivid = std::uint64_t{most} - least;
    const std::uint64_t weight = p[3] * (255 + vivid / kVividDivisor);
    boxes[box_index(p[0] / kBoxWidth, p[1] / kBoxWidth, p[2] / kBoxWidth)].add(
        {weight, {weight * p[0], weight * p[1], weight * p[2]}});
  }
  return boxes;
}

ColourGroup group_around(const std::vector<ColourGroup>& boxes, int r, int g, int b) {
  ColourGroup group;
  for (int i = std::max(r - 1, 0); i <= std::min(r + 1, kBoxes - 1); ++i)
    for (int j = std::max(g - 1, 0); j <= std::min(g + 1, kBoxes - 1); ++j)
      for (int k = std::max(b - 1, 0); k <= std::min(b + 1, kBoxes - 1); ++k)
        group.add(boxes[box_index(i, j, k)]);
  return group;
}

ColourGroup heaviest_group(const std::vector<ColourGroup>& boxes) {
  ColourGroup best;
  for (int r = 0; r < kBoxes; ++r)
    for (int g = 0; g < kBoxes; ++g)
      for (int b = 0; b < kBoxes; ++b) {
        const ColourGroup group = group_around(boxes, r, g, b);
        if (group.weight > best.weight) best = group;
      }
  return best;
}

}  // namespace

std::string dominant_color(const SmallPicture& picture) {
  if (picture.rgba.size() != std::size_t{picture.width} * picture.height * 4) return {};
  const ColourGroup group = heaviest_group(count_boxes(picture));
  if (group.weight == 0) return {};
  std::string bytes;
  for (const std::uint64_t sum : group.sums)
    bytes += static_cast<char>((sum + group.weight / 2) / group.weight);
  return "#" + hex_encode(bytes);
}

}  // namespace tintype
