#include "host/trace/digest.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/kit/trace_file.h"

namespace vmlan::host {
namespace {

std::string digest_of(const std::string& text) {
  Sha256 sum;
  sum.add(std::as_bytes(std::span(text)));
  return hexadecimal(sum.finish());
}

// The examples of FIPS 180-4.
TEST(Sha256, KnowsTheStandardsExamples) {
  EXPECT_EQ(digest_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, BeginsAnewBehindItsEnd) {
  Sha256 sum;
  const auto empty = hexadecimal(sum.finish());
  EXPECT_EQ(empty, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hexadecimal(sum.finish()), empty);
}

TEST(Sha256, OfAFile) {
  const kit::TemporaryFile file("vmlan-digest", "abc");
  EXPECT_EQ(hexadecimal(digest_of_file(file.path()).value()), digest_of("abc"));
  EXPECT_FALSE(digest_of_file(file.path(), [] { return true; }));
  EXPECT_FALSE(digest_of_file("/nonexistent"));
  EXPECT_FALSE(digest_of_file("/dev/null"));
}

}  // namespace
}  // namespace vmlan::host
