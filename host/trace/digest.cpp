#include "host/trace/digest.h"

#include <openssl/evp.h>

namespace vmlan::host {

struct Sha256::State {
  State() : context(::EVP_MD_CTX_new()) { begin(); }
  ~State() { ::EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  void begin() noexcept {
    good = context != nullptr && ::EVP_DigestInit_ex(context, ::EVP_sha256(), nullptr) == 1;
  }

  EVP_MD_CTX* context;
  bool good = false;
};

bool Sha256::is_there() noexcept { return true; }

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;

void Sha256::add(std::span<const std::byte> bytes) noexcept {
  state_->good = state_->good && ::EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1;
}

Sha256::Digest Sha256::finish() noexcept {
  Digest digest{};
  unsigned length = 0;
  if (state_->good) ::EVP_DigestFinal_ex(state_->context, digest.data(), &length);
  state_->begin();
  return digest;
}

}  // namespace vmlan::host
