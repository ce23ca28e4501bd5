#include "dynamodb_expression.h"

#include <stdexcept>

namespace tintype::testing {
namespace {

using dynamodb::Item;
using dynamodb::List;
using dynamodb::StringSet;
using dynamodb::Value;

[[noreturn]] void refuse(const std::string& why) { throw std::invalid_argument(why); }

std::vector<std::string> tokens_of(const std::string& text) {
  const std::string kMarks = "(),=<>+";
  std::vector<std::string> tokens;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ') {
      ++at;
    } else if (kMarks.find(text[at]) != kMarks.npos) {
      const bool two = (text[at] == '<' || text[at] == '>') && text[at + 1] == '=';
      tokens.push_back(text.substr(at, two ? 2 : 1));
      at += two ? 2 : 1;
    } else {
      const auto end = text.find_first_of(kMarks + " ", at);
      tokens.push_back(text.substr(at, end - at));
      at = std::min(end, text.size());
    }
  }
  return tokens;
}

bool contains(const Value& whole, const Value& part) {
  const auto* text = part.as<std::string>();
  if (const auto* set = whole.as<StringSet>()) return text && set->contains(*text);
  if (const auto* all = whole.as<std::string>()) return text && all->find(*text) != all->npos;
  if (const auto* list = whole.as<List>())
    for (const auto& value : *list)
      if (value == part) return true;
  return false;
}

// Values of different types are neither less nor greater.
std::optional<int> compare(const Value& a, const Value& b) {
  if (const auto* x = a.as<std::int64_t>(), *y = b.as<std::int64_t>(); x && y)
    return *x < *y ? -1 : *x > *y;
  if (const auto* x = a.as<std::string>(), *y = b.as<std::string>(); x && y)
    return x->compare(*y) < 0 ? -1 : x->compare(*y) > 0;
  return std::nullopt;
}

class Parser {
 public:
  Parser(const std::string& text, Bindings& bindings, const Item* item)
      : tokens_(tokens_of(text)), bindings_(bindings), item_(item) {}

  bool condition() {
    const bool result = either();
    if (at_ != tokens_.size()) refuse("trailing " + tokens_[at_]);
    return result;
  }

  void update(Item& item) {
    item_ = &item;
    const Item before = item;
    std::set<std::string> changed;
    while (at_ < tokens_.size()) {
      const std::string verb = next();
      do {
        const std::string name = bindings_.name(next());
        if (!changed.insert(name).second) refuse("two paths overlap: " + name);
        step(verb, name, before, item);
      } while (accept(","));
    }
  }

 private:
  std::string next() {
    if (at_ == tokens_.size()) refuse("the expression ends too early");
    return tokens_[at_++];
  }
  bool accept(const std::string& token) {
    if (at_ == tokens_.size() || tokens_[at_] != token) return false;
    return ++at_, true;
  }
  void expect(const std::string& token) {
    if (!accept(token)) refuse("expected " + token);
  }

  bool either() {
    bool result = both();
    while (accept("OR")) result = both() || result;  // both sides are read in any case
    return result;
  }
  bool both() {
    bool result = one();
    while (accept("AND")) result = one() && result;
    return result;
  }
  bool one() {
    if (accept("NOT")) return !one();
    if (accept("(")) {
      const bool result = either();
      expect(")");
      return result;
    }
    if (accept("attribute_exists")) return exists();
    if (accept("attribute_not_exists")) return !exists();
    if (accept("contains")) return does_contain();
    return comparison();
  }
  bool exists() {
    expect("(");
    const bool result = operand() != nullptr;
    expect(")");
    return result;
  }
  bool does_contain() {
    expect("(");
    const Value* whole = operand();
    expect(",");
    const Value* part = operand();
    expect(")");
    return whole && part && contains(*whole, *part);
  }
  bool comparison() {
    const Value* left = operand();
    const std::string how = next();
    const Value* right = operand();
    if (how == "BETWEEN") {
      expect("AND");
      const Value* last = operand();
      if (compare(*right, *last).value_or(1) > 0) refuse("BETWEEN with bounds in wrong order");
      return left && compare(*left, *right) >= 0 && compare(*left, *last) <= 0;
    }
    if (!left || !right) return false;
    if (how == "=") return *left == *right;
    const auto order = compare(*left, *right);
    if (!order) return false;
    if (how == "<") return *order < 0;
    if (how == "<=") return *order <= 0;
    if (how == ">") return *order > 0;
    if (how == ">=") return *order >= 0;
    refuse("no comparison: " + how);
  }

  // A value, or a path of one or two names.
  const Value* operand() {
    const std::string token = next();
    if (token[0] == ':') return &bindings_.value(token);
    const auto dot = token.find('.');
    if (!item_) return (void)bindings_.name(token.substr(0, dot)), rest_of(token, dot), nullptr;
    const auto it = item_->find(bindings_.name(token.substr(0, dot)));
    const std::string inner = rest_of(token, dot);
    if (it == item_->end() || inner.empty()) return it == item_->end() ? nullptr : &it->second;
    const auto* map = it->second.as<Item>();
    const auto member = map ? map->find(inner) : Item::const_iterator();
    return map && member != map->end() ? &member->second : nullptr;
  }
  std::string rest_of(const std::string& token, std::size_t dot) {
    return dot == token.npos ? std::string() : bindings_.name(token.substr(dot + 1));
  }

  void step(const std::string& verb, const std::string& name, const Item& before, Item& item) {
    if (verb == "SET") {
      expect("=");
      item_ = &before;
      Value value = sum();
      item[name] = std::move(value);
    } else if (verb == "ADD") {
      add(item, name, bindings_.value(next()));
    } else if (verb == "DELETE") {
      take_away(item, name, bindings_.value(next()));
    } else {
      refuse("no update: " + verb);
    }
  }
  Value sum() {
    const Value* first = operand();
    if (!first) refuse("SET from an attribute that is not there");
    if (!accept("+")) return *first;
    const Value* second = operand();
    if (!second || !first->as<std::int64_t>() || !second->as<std::int64_t>())
      refuse("a sum of what are no numbers");
    return *first->as<std::int64_t>() + *second->as<std::int64_t>();
  }
  static void add(Item& item, const std::string& name, const Value& value) {
    if (const auto* number = value.as<std::int64_t>()) {
      item[name] = dynamodb::number_of(item, name).value_or(0) + *number;
    } else if (const auto* set = value.as<StringSet>()) {
      const auto* there = dynamodb::find<StringSet>(item, name);
      StringSet all = there ? *there : StringSet();
      all.insert(set->begin(), set->end());
      item[name] = std::move(all);
    } else {
      refuse("ADD takes numbers and sets");
    }
  }
  static void take_away(Item& item, const std::string& name, const Value& value) {
    const auto* gone = value.as<StringSet>();
    if (!gone) refuse("DELETE takes sets");
    const auto* there = dynamodb::find<StringSet>(item, name);
    if (!there) return;
    StringSet left = *there;
    for (const auto& text : *gone) left.erase(text);
    if (left.empty()) item.erase(name);
    else item[name] = std::move(left);
  }

  std::vector<std::string> tokens_;
  std::size_t at_ = 0;
  Bindings& bindings_;
  const Item* item_;
};

}  // namespace

const std::string& Bindings::name(const std::string& placeholder) {
  const auto it = names.find(placeholder);
  if (it == names.end()) refuse("no such name: " + placeholder);
  used.insert(placeholder);
  return it->second;
}

const Value& Bindings::value(const std::string& placeholder) {
  const auto it = values.find(placeholder);
  if (it == values.end()) refuse("no such value: " + placeholder);
  used.insert(placeholder);
  return it->second;
}

void Bindings::check_all_used() const {
  for (const auto& [placeholder, name] : names)
    if (!used.contains(placeholder)) refuse("unused in expressions: " + placeholder);
  for (const auto& [placeholder, value] : values)
    if (!used.contains(placeholder)) refuse("unused in expressions: " + placeholder);
}

bool holds(const std::string& condition, Bindings& bindings, const Item* item) {
  if (condition.size() > 4096) refuse("an expression of more than 4 KB");
  return condition.empty() || Parser(condition, bindings, item).condition();
}

void apply_update(const std::string& update, Bindings& bindings, Item& item) {
  Parser(update, bindings, nullptr).update(item);
}

std::vector<std::string> attributes_in(const std::string& expression, Bindings& bindings) {
  std::vector<std::string> names;
  for (const auto& token : tokens_of(expression))
    if (token[0] == '#') names.push_back(bindings.name(token.substr(0, token.find('.'))));
  return names;
}

}  // namespace tintype::testing
