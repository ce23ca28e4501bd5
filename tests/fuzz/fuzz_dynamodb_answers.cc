// What a DynamoDB server answers: errors with their reasons, and items, which must read back as
// they were written; records among them too.
#include <cstdlib>

#include "adapters/aws/dynamodb_errors.h"
#include "adapters/aws/image_item.h"
#include "adapters/aws/unsettled_note.h"

namespace {

using namespace tintype;
using namespace tintype::dynamodb;

std::string written(const Item& item) {
  std::string out;
  JsonWriter json(out);
  write_item(json, item);
  return out;
}

void read_record(const Item& item) {
  (void)parse_listed_at(text_of(item, "listed_at"));
  const auto image = to_image(item);
  if (!image.ok()) {
    if (!image.error().is(ErrorKind::internal)) std::abort();
    return;
  }
  const auto again = to_image(to_item(*image, 16));
  if (!again.ok() || *again != *image) std::abort();
  const StoredRecord record{*image, item};
  if (!record.note()) return;
  const auto names = TableNames::with_prefix("");
  (void)rows_in(*record.note(), names);
  (void)counters_in(*record.note(), names, image->user_id);
  (void)without_note(record, names.images, 16);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  HttpResponse response;
  response.body.assign(reinterpret_cast<const char*>(data), size);
  for (int status : {200, 400, 500}) {
    response.status = status;
    const Verdict verdict = judge(response);
    if (status == 500 && verdict != Verdict::again) std::abort();
    (void)to_error(response, "images");
  }
  const Failure failure = parse_failure(response.body);
  if (failure.is_refused_transaction() && failure.is_ill_timed_transaction()) std::abort();
  const auto item = parse_item(response.body);
  if (!item.ok()) return 0;
  const auto again = parse_item(written(*item));
  if (!again.ok() || *again != *item) std::abort();
  read_record(*item);
  return 0;
}
