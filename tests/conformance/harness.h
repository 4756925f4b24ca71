// What the conformance suite is run against. A store joins in by registering a harness; the environment variable
// AUDIOSTORE_CONFORMANCE_STORE names the one that a run uses.
#pragma once

#include <audiostore/http.h>
#include <audiostore/object_store.h>
#include <audiostore/s3_store.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace audiostore::conformance {

/// What came back for a signed request. Any HTTP status is a reply.
struct Reply {
  int status = 0;
  Headers headers;
  std::string body;
};

/// A store under test and what the suite must be able to do beside it. Lives as long as the run; must leave nothing
/// behind when it is destroyed. fetch() and presign_earlier() are called only where capabilities().presign is set.
class Harness {
 public:
  Harness() = default;
  Harness(const Harness&) = delete;
  Harness& operator=(const Harness&) = delete;
  virtual ~Harness() = default;

  virtual ObjectStore& store() = 0;
  /// Another store object over the same data, as a second process would have it.
  virtual ObjectStore& second_store() = 0;

  /// What is expected to work. To be overridden only where a server does less than its provider's row says; the suite
  /// has no other way to leave something out.
  virtual Capabilities capabilities() { return store().capabilities(); }

  /// An object that is larger than this by a byte goes up in three parts at least, where the store has parts.
  virtual std::size_t three_parts() { return 200'000; }

  /// In front of every key that the suite uses; empty or ends with '/'. For buckets that are shared with others.
  virtual std::string prefix() { return {}; }

  /// Sends `request` with `body`, without any credentials: exactly its method, URL and headers.
  virtual Result<Reply> fetch(const SignedRequest& request, std::string_view body);

  /// What store().presign() would have returned `ago` before now: the same store with its clock set back.
  virtual Result<SignedRequest> presign_earlier(std::chrono::seconds ago, const PresignRequest& request);

  /// Another store over the same data, whose options `change` has changed. Only where store() is an S3Store.
  virtual Result<std::unique_ptr<S3Store>> s3_store(const std::function<void(S3Options&)>& change);
};

using MakeHarness = std::function<Result<std::unique_ptr<Harness>>()>;

/// Makes a harness known under `name`. To be called while statics are initialised; the value returned is only there to
/// be assigned: `const bool registered = register_harness("memory", ...);`
bool register_harness(std::string name, MakeHarness make);

/// The harness of this run, made when it is first asked for. Throws std::runtime_error with the names there are when
/// none was chosen, and with the reason when it cannot be made.
Harness& harness();

/// Destroys this run's harness; a listener calls it when the last case has ended.
void release_harness();

}  // namespace audiostore::conformance
