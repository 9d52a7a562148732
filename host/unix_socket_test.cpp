// Who may connect, who may listen, and what is at a path that somebody wants to listen at.
#include "host/unix_socket.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "host/temporary_folder.h"
#include "host/trusted_folder.h"

namespace vmlan::host {
namespace {

constexpr uid_t nobody = 65534;

class UnixSocket : public ::testing::Test {
 protected:
  static UnixListener listen_at(const std::string& path) {
    auto made = UnixListener::listen(path);
    if (const auto* error = std::get_if<std::string>(&made)) throw std::runtime_error(*error);
    return std::move(std::get<UnixListener>(made));
  }
  static std::string refusal(const std::string& path) {
    const auto made = UnixListener::listen(path);
    const auto* error = std::get_if<std::string>(&made);
    return error != nullptr ? *error : "it listens";
  }
  static std::string reason(const std::string& path, Trust trust) {
    const auto made = connect_unix(path, trust);
    const auto* error = std::get_if<std::string>(&made);
    return error != nullptr ? *error : "connected";
  }
  static std::string text_of(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  TemporaryFolder folder = *TemporaryFolder::make();
  std::string inner = (folder.path() / "run" / "vmlan").string();
  std::string path = (folder.path() / "s").string();
};

TEST_F(UnixSocket, IsForThisUserAloneWhateverTheUmask) {
  const mode_t before = ::umask(0);
  const auto listener = listen_at(path);
  EXPECT_EQ(::umask(before), 0U) << "listening leaves the umask as it was";
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0077U, 0U);
}

TEST_F(UnixSocket, AFileInItsPlaceIsNotTouched) {
  std::ofstream(path) << "a month's work\n";
  EXPECT_EQ(refusal(path), path + ": what is there is not a socket");
  EXPECT_EQ(text_of(path), "a month's work\n");
  EXPECT_FALSE(std::filesystem::exists(path + ".lock")) << "nor is a lock left beside it";
}

TEST_F(UnixSocket, NeitherIsALinkToASocketNorAFolder) {
  const auto elsewhere = listen_at(path);
  const std::string link = path + "-link";
  std::filesystem::create_symlink(path, link);
  EXPECT_EQ(refusal(link), link + ": what is there is not a socket");
  EXPECT_EQ(refusal(folder.path()), folder.path().string() + ": what is there is not a socket");
}

TEST_F(UnixSocket, OfALivingProgramIsNotTakenOverEvenWithoutALock) {
  const auto living = listen_at(path);
  std::filesystem::remove(path + ".lock");  // tidied up by somebody, or a program without one
  EXPECT_EQ(refusal(path), path + ": another system is running there");
  EXPECT_EQ(reason(path, Trust::anybodys), "connected");
}

TEST_F(UnixSocket, OfALivingProgramThatAcceptsNobodyIsNotTakenOver) {
  const auto living = listen_at(path);
  std::filesystem::remove(path + ".lock");
  std::vector<Descriptor> waiting;
  for (unsigned count = 0; count < 1000; ++count) {
    auto made = connect_unix(path, Trust::anybodys);
    if (!std::holds_alternative<Descriptor>(made)) break;
    waiting.push_back(std::move(std::get<Descriptor>(made)));
  }
  ASSERT_LT(waiting.size(), 1000U);
  EXPECT_EQ(refusal(path), path + ": another system is running there");
}

TEST_F(UnixSocket, AnEndedListenerRemovesItsOwnFileAndNoOther) {
  { const auto listener = listen_at(path); }
  EXPECT_FALSE(std::filesystem::exists(path));
  {
    const auto listener = listen_at(path);
    std::filesystem::rename(path, path + "-moved");
    std::ofstream(path) << "somebody's file\n";
  }
  EXPECT_EQ(text_of(path), "somebody's file\n");
}

TEST_F(UnixSocket, KnowsWhoIsBehindIt) {
  const auto listener = listen_at(path);
  const auto socket = std::get<Descriptor>(connect_unix(path, Trust::anybodys));
  EXPECT_TRUE(is_run_by(socket, ::geteuid()));
  const bool by_root = ::geteuid() == 0;
  EXPECT_EQ(is_run_by(socket, ::geteuid() + 1), by_root) << "root may listen for everybody";
  EXPECT_FALSE(is_run_by(Descriptor(), ::geteuid())) << "no socket, nobody";
}

TEST_F(UnixSocket, WhereEverybodyLooksOnlyThisUsersFolderIsTrusted) {
  std::filesystem::create_directories(inner);
  ::chmod(inner.c_str(), 0777);
  const std::string known = inner + "/s";
  const auto listener = listen_at(known);
  EXPECT_EQ(reason(known, Trust::ours), inner + ": others may write there");
  EXPECT_EQ(reason(known, Trust::anybodys), "connected");
  ::chmod(inner.c_str(), 0700);
  EXPECT_EQ(reason(known, Trust::ours), "connected");
}

TEST_F(UnixSocket, WhereEverybodyLooksOnlyThisUsersProgramIsTrusted) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  ASSERT_EQ(make_trusted_folder(inner + "/s"), "");
  // Somebody else listens in this user's own folder: handed over by root, or left by a program of another
  // user.
  ::chmod(folder.path().c_str(), 0711);
  const std::string theirs = (folder.path() / "theirs").string();
  std::filesystem::create_directory(theirs);
  ASSERT_EQ(::chown(theirs.c_str(), nobody, nobody), 0);
  ASSERT_EQ(::seteuid(nobody), 0);
  const auto listener = listen_at(theirs + "/s");
  ASSERT_EQ(::seteuid(0), 0);
  std::filesystem::rename(theirs + "/s", inner + "/s");
  EXPECT_EQ(reason(inner + "/s", Trust::ours), inner + "/s: somebody else's program listens there");
  EXPECT_EQ(reason(inner + "/s", Trust::anybodys), "connected");
  EXPECT_EQ(reason(theirs + "/s", Trust::ours), theirs + ": belongs to somebody else");
}

TEST_F(UnixSocket, SaysWhetherItOnlyCannotGoOnNowOrHasEnded) {
  const auto listener = listen_at(path);
  const auto near_end = std::get<Descriptor>(connect_unix(path, Trust::anybodys));
  auto far_end = listener.accept();
  std::array<std::byte, 100> bytes{};
  EXPECT_FALSE(receive_now(near_end, bytes).ended);
  EXPECT_EQ(send_some(far_end, bytes).bytes, 100U);
  EXPECT_EQ(receive_now(near_end, bytes).bytes, 100U);
  far_end.reset();
  EXPECT_TRUE(receive_now(near_end, bytes).ended);
  EXPECT_TRUE(send_some(near_end, bytes).ended) << "and no signal ends the process";
}

}  // namespace
}  // namespace vmlan::host
