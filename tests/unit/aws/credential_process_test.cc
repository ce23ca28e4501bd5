#include "adapters/aws/credential_process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "credential_world.h"

namespace tintype {
namespace {

using testing::CredentialWorld;
using testing::soon;

class CredentialProcessTest : public ::testing::Test {
 protected:
  std::string script(std::string_view body) {
    auto path = world_.file("program", "#!/bin/sh\n" + std::string(body) + "\n");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }
  std::string complaint(const std::string& command, Deadline deadline = soon()) {
    const auto got = run_credential_process(command, deadline);
    EXPECT_FALSE(got.ok());
    if (got.ok()) return "";
    EXPECT_FALSE(got.error().is(ErrorKind::not_found));
    return got.error().detail;
  }

  CredentialWorld world_;
};

TEST_F(CredentialProcessTest, GivesWhatItPrints) {
  const auto program = script(R"(echo noise >&2; echo "{\"Version\":1,\"AccessKeyId\":\"AK$#\",)"
                              R"(\"SecretAccessKey\":\"$2\",\"SessionToken\":\"$(cat)x\"}")");
  const auto got = run_credential_process(program + " '$HOME' \"a\\\"b;c|d\" >/dev/null", soon());
  ASSERT_FALSE(got.ok()) << "a quote in the JSON";
  const auto plain = run_credential_process(program + " '$HOME' \"a;b|c\" >/dev/null *", soon());
  ASSERT_TRUE(plain.ok()) << plain.error().detail;
  EXPECT_EQ(plain->keys.access_key_id, "AK4") << "no shell takes > and * for anything";
  EXPECT_EQ(plain->keys.secret_access_key, "a;b|c");
  EXPECT_EQ(plain->keys.session_token, "x") << "there is nothing to read";
}

TEST_F(CredentialProcessTest, IsLookedUpInPath) {
  const auto got = run_credential_process(
      R"(printf '{"Version":1,"AccessKeyId":"AK","SecretAccessKey":"s"}')", soon());
  ASSERT_TRUE(got.ok()) << got.error().detail;
}

TEST_F(CredentialProcessTest, ThatCannotRunIsAFailure) {
  EXPECT_EQ(complaint("/no/such/program"),
            "the credential_process cannot be started: No such file or directory");
  EXPECT_EQ(complaint(world_.file("plain", "x")),
            "the credential_process cannot be started: Permission denied");
  for (const char* text : {"", "  ", "'open", "x\\"})
    EXPECT_EQ(complaint(text),
              "the credential_process is not a command: a quote is not closed or nothing is there");
  EXPECT_EQ(complaint("''"), "the credential_process cannot be started: No such file or directory");
}

TEST_F(CredentialProcessTest, ThatFailsIsAFailureWhateverItPrinted) {
  const std::string keys = R"(echo '{"Version":1,"AccessKeyId":"AK","SecretAccessKey":"hush"}')";
  EXPECT_EQ(complaint(script(keys + "; exit 1")),
            "the credential_process failed with exit status 1");
  EXPECT_EQ(complaint(script(keys + "; kill -TERM $$")),
            "the credential_process was ended by signal 15");
}

TEST_F(CredentialProcessTest, GarbageIsAFailure) {
  const std::string why = "the credential_process printed no credentials: ";
  EXPECT_EQ(complaint("true"), why + "the answer is not a JSON object");
  EXPECT_EQ(complaint("echo hush"), why + "the answer is not a JSON object");
  EXPECT_EQ(complaint("head -c 1000 /dev/urandom"), why + "the answer is not a JSON object");
  EXPECT_EQ(complaint("echo '{\"Version\":1}'"), why + "the answer has no AccessKeyId");
  EXPECT_EQ(complaint("cat /dev/zero"), "the credential_process printed too much");
}

bool is_gone(pid_t pid) { return ::kill(pid, 0) != 0; }

TEST_F(CredentialProcessTest, ThatHangsIsEndedWithAllThatItStarted) {
  const auto pids = world_.home() + "/pids";
  const auto program = script("sleep 1000 & echo $! >" + pids + "; exec sleep 1000");
  const auto began = std::chrono::steady_clock::now();
  const auto got = run_credential_process(program, deadline_in(milliseconds(400)));
  EXPECT_TRUE(got.error().is(ErrorKind::timeout)) << got.error().detail;
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(5));
  pid_t child = 0;
  std::ifstream(pids) >> child;
  ASSERT_GT(child, 0);
  const auto deadline = soon();
  while (!is_gone(child) && !has_passed(deadline)) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_TRUE(is_gone(child));
}

TEST_F(CredentialProcessTest, ThatClosesItsOutputAndHangsIsEnded) {
  EXPECT_TRUE(run_credential_process(script("exec >&-; sleep 1000"), deadline_in(milliseconds(200)))
                  .error()
                  .is(ErrorKind::timeout));
}

TEST_F(CredentialProcessTest, ThatIsDoneWaitsForNoChildThatKeepsItsOutput) {
  const auto program = script(
      "sleep 1000 & echo '{\"Version\":1,\"AccessKeyId\":\"AK\",\"SecretAccessKey\":\"s\"}'");
  const auto got = run_credential_process(program, deadline_in(seconds(10)));
  EXPECT_TRUE(got.ok()) << got.error().detail;
}

TEST_F(CredentialProcessTest, SeesSignalsAsAFreshProcessDoes) {
  auto* before = ::signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ(complaint(script("kill -PIPE $$; echo still here")),
            "the credential_process was ended by signal 13");
  ::signal(SIGPIPE, before);
}

}  // namespace
}  // namespace tintype
