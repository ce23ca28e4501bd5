// Result<T>: a value or an Error. Nothing in Tintype throws across a module's edge.
//
//   Result<Image> load(Id id) {
//     auto bytes = TRY(read(id));   // returns the error to our caller, or yields the value
//     if (bytes.empty()) return not_found_error("...");
//     return parse(bytes);
//   }
#pragma once

#include <utility>
#include <variant>

#include "base/error.h"

namespace tintype {

template <typename T>
class [[nodiscard]] Result {
 public:
  using Value = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  // By value, so that `for (auto& x : f().value())` does not dangle.
  T value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() & { return std::get<1>(state_); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using Value = void;
  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}

  bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  void value() const {}
  Error& error() & { return error_; }
  const Error& error() const& { return error_; }
  Error&& error() && { return std::move(error_); }

 private:
  Error error_;
  bool failed_ = false;
};

// Yields the value of a Result expression, or returns its error from the enclosing function, which
// must return a Result itself. A GNU statement expression: g++ and clang.
//
// Give each TRY a statement of its own: g++ 12 does not destroy what a braced initialiser has
// already built when a TRY inside it returns (`T x{make(), TRY(f())}` leaks what make() made).
#define TRY(expression) TINTYPE_TRY_NAMED(expression, TINTYPE_NUMBERED(try_result_, __COUNTER__))
// The number keeps a TRY's local apart from that of a TRY in a lambda among its arguments.
#define TINTYPE_NUMBERED(name, number) TINTYPE_NUMBERED_NOW(name, number)
#define TINTYPE_NUMBERED_NOW(name, number) name##number
#define TINTYPE_TRY_NAMED(expression, result) \
  ({                                          \
    auto&& result = (expression);             \
    if (!result.ok()) [[unlikely]]            \
      return std::move(result).error();       \
    std::move(result).value();                \
  })

}  // namespace tintype
