// SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104), through OpenSSL. Digests are 32 raw bytes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace tintype {

std::string sha256(std::string_view bytes);
// MD5 (RFC 1321), 16 raw bytes: a checksum that S3 asks for in places, never a protection.
std::string md5(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view message);

// True when both are equal, in time that depends on the lengths alone.
bool constant_time_equal(std::string_view a, std::string_view b);

// SHA-256 of bytes that arrive in pieces. Not thread-safe; `finish` may be called once.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::string_view bytes);
  std::string finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace tintype
