#include "imaging/worker_protocol.h"

#include <gtest/gtest.h>

#include "imaging/failures.h"

namespace tintype {
namespace {

InspectAnswer sample_answer() {
  InspectAnswer answer;
  answer.facts.content_type = MediaType::webp;
  answer.facts.width = 640;
  answer.facts.height = 480;
  answer.facts.frames = 3;
  answer.facts.orientation = 6;
  answer.facts.has_alpha = true;
  answer.facts.color_profile = "Display P3";
  answer.facts.thumbhash = std::string("\x01\0\xFF", 3);
  answer.facts.dominant_color = "#a0b1c2";
  answer.facts.perceptual_hash = "0123456789abcdef";
  answer.camera.camera_make = "Canon";
  answer.camera.iso = 200;
  answer.camera.f_number = 2.8;
  answer.location = Location{52.5, 13.4, -3.0};
  answer.renditions = {{MediaType::jpeg, 320, 240, 1, 4711}};
  return answer;
}

TEST(WorkerProtocol, carries_jobs) {
  Job job;
  job.kind = JobKind::render;
  job.id = 77;
  job.input_size = 1234;
  job.limits.max_frames = 5;
  job.cpu_seconds = 9;
  job.payload = std::string("a\0b", 3);
  auto back = decode_job(encode_job(job));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->id, 77u);
  EXPECT_EQ(back->kind, JobKind::render);
  EXPECT_EQ(back->input_size, 1234u);
  EXPECT_EQ(back->limits.max_frames, 5u);
  EXPECT_EQ(back->limits.max_pixels, job.limits.max_pixels);
  EXPECT_EQ(back->cpu_seconds, 9u);
  EXPECT_EQ(back->payload, job.payload);
}

TEST(WorkerProtocol, carries_answers) {
  auto good = decode_answer(encode_answer(5, std::string("payload")));
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(good->id, 5u);
  EXPECT_EQ(*good->result, "payload");
  auto bad = decode_answer(encode_answer(6, too_many_frames("Too many.")));
  ASSERT_TRUE(bad.ok());
  EXPECT_EQ(bad->result.error().code, "too_many_frames");
  EXPECT_EQ(bad->result.error().detail, "Too many.");
  EXPECT_TRUE(bad->result.error().is(ErrorKind::unprocessable));
}

TEST(WorkerProtocol, accepts_no_failure_that_a_worker_may_not_report) {
  EXPECT_FALSE(decode_answer(encode_answer(6, internal_error("secret"))).ok());
  EXPECT_FALSE(decode_answer(encode_answer(6, Error{ErrorKind::unprocessable, "x", "", {}})).ok());
}

TEST(WorkerProtocol, carries_inspections) {
  auto answer = sample_answer();
  auto back = decode_inspect_answer(encode_inspect_answer(answer));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->facts, answer.facts);
  EXPECT_EQ(back->camera, answer.camera);
  EXPECT_EQ(back->location, answer.location);
  ASSERT_EQ(back->renditions.size(), 1u);
  EXPECT_EQ(back->renditions[0].size, 4711u);
}

TEST(WorkerProtocol, carries_hello) {
  auto back = decode_hello(encode_hello({SandboxStatus::refused, true, "no seccomp"}));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->sandbox, SandboxStatus::refused);
  EXPECT_TRUE(back->heic);
  EXPECT_EQ(back->reason, "no seccomp");
  EXPECT_FALSE(decode_hello("").ok());
}

TEST(WorkerProtocol, refuses_every_other_length) {
  for (const std::string& whole :
       {encode_inspect_answer(sample_answer()), encode_answer(5, std::string("x"))}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_FALSE(decode_inspect_answer(whole.substr(0, size)).ok());
      EXPECT_FALSE(decode_answer(whole.substr(0, size)).ok());
    }
    EXPECT_FALSE(decode_inspect_answer(whole + "x").ok());
    EXPECT_FALSE(decode_answer(whole + "x").ok());
  }
}

TEST(WorkerProtocol, refuses_values_that_cannot_be) {
  auto refused = [](auto change) {
    auto answer = sample_answer();
    change(answer);
    return !decode_inspect_answer(encode_inspect_answer(answer)).ok();
  };
  EXPECT_FALSE(refused([](InspectAnswer&) {}));
  EXPECT_TRUE(refused([](InspectAnswer& a) { a.facts.width = 0; }));
  EXPECT_TRUE(refused([](InspectAnswer& a) { a.facts.frames = 0; }));
  EXPECT_TRUE(refused([](InspectAnswer& a) { a.facts.orientation = 9; }));
  EXPECT_TRUE(refused([](InspectAnswer& a) { a.facts.content_type = MediaType(7); }));
  EXPECT_TRUE(refused([](InspectAnswer& a) { a.facts.color_profile = "\xFF"; }));
  EXPECT_TRUE(refused([](InspectAnswer& a) { a.facts.color_profile = std::string(200, 'x'); }));
  EXPECT_TRUE(refused([](InspectAnswer& a) { a.facts.thumbhash = std::string(33, 'x'); }));
  EXPECT_TRUE(refused([](InspectAnswer& a) { a.facts.dominant_color = "red"; }));
  EXPECT_TRUE(refused([](InspectAnswer& a) { a.facts.dominant_color = "#A0B1C2"; }));
  EXPECT_TRUE(refused([](InspectAnswer& a) { a.facts.perceptual_hash = "0123456789abcde"; }));
  EXPECT_TRUE(refused([](InspectAnswer& a) { a.facts.perceptual_hash = "0123456789abcde\""; }));
  EXPECT_TRUE(refused([](InspectAnswer& a) { a.renditions[0].size = 0; }));
  EXPECT_TRUE(refused([](InspectAnswer& a) { a.camera.lens = std::string(300, 'x'); }));
  EXPECT_TRUE(refused([](InspectAnswer& a) { a.camera.f_number = 1e300; }));
  EXPECT_TRUE(refused([](InspectAnswer& a) { a.location->latitude = 91; }));
  EXPECT_TRUE(refused([](InspectAnswer& a) { a.location->longitude = 0.0 / 0.0; }));
}

}  // namespace
}  // namespace tintype
