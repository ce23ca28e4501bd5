#include "adapters/aws/command_words.h"

namespace tintype {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

class WordSplitter {
 public:
  explicit WordSplitter(std::string_view text) : rest_(text) {}

  std::optional<std::vector<std::string>> split() {
    while (!rest_.empty() && !broken_) {
      const char c = take();
      if (is_blank(c)) {
        end_word();
      } else if (c == '\'' || c == '"') {
        take_quoted(c);
      } else {
        add(c == '\\' ? take() : c);
      }
    }
    end_word();
    if (broken_) return std::nullopt;
    return std::move(words_);
  }

 private:
  char take() {
    broken_ = broken_ || rest_.empty();
    if (broken_) return '\0';
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  void add(char c) { (word_ ? *word_ : word_.emplace()) += c; }

  void take_quoted(char quote) {
    if (!word_) word_.emplace();
    for (char c = take(); !broken_ && c != quote; c = take()) {
      const bool escapes =
          quote == '"' && c == '\\' && (rest_.starts_with('"') || rest_.starts_with('\\'));
      add(escapes ? take() : c);
    }
  }

  void end_word() {
    if (word_) words_.push_back(std::move(*word_));
    word_.reset();
  }

  std::string_view rest_;
  std::vector<std::string> words_;
  std::optional<std::string> word_;
  bool broken_ = false;
};

}  // namespace

std::optional<std::vector<std::string>> split_words(std::string_view text) {
  return WordSplitter(text).split();
}

}  // namespace tintype
