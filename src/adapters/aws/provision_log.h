// ProvisionLog: what making and deleting tables and buckets has done, or would do in a dry run, one
// line for people at a time. A line is told when the thing has been done, so that it is known even
// when the next step fails.
#pragma once

#include <functional>
#include <string>

namespace tintype {

class ProvisionLog {
 public:
  using Tell = std::function<void(const std::string& line)>;
  explicit ProvisionLog(Tell tell = {}) : tell_(std::move(tell)) {}

  // Is so already, or cannot be.
  void found(const std::string& line) {
    if (tell_) tell_(line);
  }
  // Has been changed, or would be.
  void changed(const std::string& line) {
    has_changes_ = true;
    found(line);
  }
  bool has_changes() const { return has_changes_; }

 private:
  Tell tell_;
  bool has_changes_ = false;
};

}  // namespace tintype
