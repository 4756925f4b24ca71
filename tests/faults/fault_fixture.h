// An S3 store over loopback: S3Store -> FaultProxy -> FaultServer -> LocalEndpoint -> MemoryStore.
#pragma once

#include "http/fetch.h"
#include "support/fault_proxy.h"
#include "support/fault_server.h"
#include "support/manual_clock.h"
#include "support/results.h"

#include <audiostore/local_endpoint.h>
#include <audiostore/memory_store.h>
#include <audiostore/s3_store.h>

#include <chrono>
#include <memory>
#include <string>

namespace audiostore {

/// Pauses between attempts take no time: the clock, the store's and the endpoint's, is moved on instead.
struct FaultFixture {
  explicit FaultFixture(CurlTransportOptions options = {.total_timeout = std::chrono::seconds(20)},
                        TransferOptions parts = {})
      : transfer(parts), store(make({}, std::move(options))) {}

  [[nodiscard]] std::unique_ptr<ObjectStore> make(RetryOptions retry, CurlTransportOptions options) const {
    S3Options s3 = server.s3_options();
    s3.endpoint = proxy.url();
    s3.transfer = transfer;
    s3.retry = std::move(retry);
    s3.transport = transport(std::move(options));
    return make_s3_store(std::move(s3)).value();
  }

  /// What is stored, read without the network; nullopt when there is nothing.
  [[nodiscard]] std::optional<std::string> stored(const ObjectKey& key) const {
    auto bytes = read_to_string(*memory, key);
    return bytes ? std::optional(*std::move(bytes)) : std::nullopt;
  }

  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::shared_ptr<ObjectStore> memory = make_memory_store(clock);
  std::unique_ptr<LocalEndpoint> endpoint = LocalEndpoint::start(memory, {.min_part_bytes = 1, .clock = clock}).value();
  FaultServer server{*endpoint};
  FaultProxy proxy{server.port()};
  TransferOptions transfer;
  std::unique_ptr<ObjectStore> store;
};

}  // namespace audiostore
