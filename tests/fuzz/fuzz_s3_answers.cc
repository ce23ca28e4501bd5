// What an S3 server answers: listings, errors, copies and removals; and XML of any kind, which must
// read back as it was written.
#include <cstdlib>

#include "adapters/aws/s3_errors.h"
#include "adapters/aws/xml_tree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tintype;
  HttpResponse response;
  response.body.assign(reinterpret_cast<const char*>(data), size);
  (void)parse_list_objects(response.body);
  for (int status : {200, 301, 400, 403, 404, 503}) {
    response.status = status;
    (void)judge_s3_copy(response);
    (void)judge_s3_delete(response);
    if (s3_error(response, {"images", "us-east-1"}).detail.size() > 400) std::abort();
  }
  const auto root = parse_xml(response.body);
  if (!root.ok()) return 0;
  const auto again = parse_xml(to_xml(*root));
  if (!again.ok() || *again != *root) std::abort();
  return 0;
}
