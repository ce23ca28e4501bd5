#include "support/heif_boxes.h"

#include <cstdlib>

namespace tintype::samples {
namespace {

std::uint32_t number(const std::string& file, std::size_t at, int bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < bytes; ++i)
    value = value << 8 | static_cast<unsigned char>(file.at(at + static_cast<std::size_t>(i)));
  return value;
}

std::string bytes_of(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i) & 0xFF);
  return text;
}

void add(std::string& file, std::size_t at, int bytes, std::size_t more) {
  const auto sum = number(file, at, bytes) + static_cast<std::uint32_t>(more);
  file.replace(at, static_cast<std::size_t>(bytes), bytes_of(sum, bytes));
}

// Where a box begins; the first of its type is the right one in the files of tests.
std::size_t start_of(const std::string& file, const char* type) {
  const auto at = file.find(type);
  if (at == std::string::npos) std::abort();
  return at - 4;
}

std::string box(const char* type, const std::string& content) {
  return bytes_of(static_cast<std::uint32_t>(8 + content.size()), 4) + type + content;
}

std::size_t count_boxes(const std::string& file, std::size_t at, std::size_t end) {
  std::size_t count = 0;
  for (; at < end; at += number(file, at, 4)) ++count;
  return count;
}

// One association more, with the property of that number, which a reader must understand.
void associate(std::string& file, std::size_t property) {
  const auto item = number(file, start_of(file, "pitm") + 12, 2);
  auto at = start_of(file, "ipma") + 16;
  while (number(file, at, 2) != item) at += 3 + number(file, at + 2, 1);
  const auto count = number(file, at + 2, 1);
  add(file, at + 2, 1, 1);
  file.insert(at + 3 + count, bytes_of(0x80 | static_cast<std::uint32_t>(property), 1));
}

// The pictures' data has moved. Offsets, lengths and bases of four bytes; one extent each.
void move_items(std::string& file, std::size_t by) {
  const auto start = start_of(file, "iloc");
  const bool has_method = number(file, start + 8, 1) == 1;
  if (number(file, start + 12, 2) != 0x4440) std::abort();
  const auto count = number(file, start + 14, 2);
  auto at = start + 16;
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool in_file = !has_method || number(file, at + 2, 2) == 0;
    const auto base = at + (has_method ? 6 : 4);
    if (in_file) add(file, base, 4, by);
    at = base + 4 + 2 + 8;
  }
}

}  // namespace

std::string with_heif_property(const std::string& file, const std::string& property) {
  std::string made = file;
  const auto all = start_of(made, "ipco");
  const auto end = all + number(made, all, 4);
  associate(made, count_boxes(made, all + 8, end) + 1);
  made.insert(end, property);
  const auto more = property.size() + 1;
  add(made, start_of(made, "meta"), 4, more);
  add(made, start_of(made, "iprp"), 4, more);
  add(made, all, 4, property.size());
  add(made, start_of(made, "ipma"), 4, 1);
  move_items(made, more);
  return made;
}

std::string nclx_box(std::uint16_t primaries, std::uint16_t transfer) {
  return box("colr", "nclx" + bytes_of(primaries, 2) + bytes_of(transfer, 2) + bytes_of(6, 2) +
                         bytes_of(0x80, 1));
}
std::string irot_box(int quarters) {
  return box("irot", bytes_of(static_cast<std::uint32_t>(quarters), 1));
}
std::string imir_box(int axis) {
  return box("imir", bytes_of(static_cast<std::uint32_t>(axis), 1));
}

}  // namespace tintype::samples
