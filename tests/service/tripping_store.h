// A store that does what another does, and fails before or after it as a test says.
#pragma once

#include <audiostore/object_store.h>

#include <functional>
#include <memory>
#include <string>

namespace audio_service {

class TrippingStore final : public audiostore::ObjectStore {
 public:
  explicit TrippingStore(std::shared_ptr<audiostore::ObjectStore> behind) : behind_(std::move(behind)) {}

  using Trip = std::function<audiostore::Result<void>(const std::string& operation, const std::string& key)>;
  Trip before;  ///< an Error: nothing was done
  Trip after;   ///< an Error: it was done, and the answer is lost

  [[nodiscard]] audiostore::Capabilities capabilities() const override { return behind_->capabilities(); }

 private:
  audiostore::Result<audiostore::PutResult> do_put(const audiostore::ObjectKey& key, const audiostore::Payload& payload,
                                                   const audiostore::PutOptions& options) override;
  audiostore::Result<audiostore::ObjectInfo> do_get(const audiostore::ObjectKey& key, const audiostore::ByteSink& sink,
                                                    const audiostore::GetOptions& options) override;
  audiostore::Result<audiostore::ObjectInfo> do_head(const audiostore::ObjectKey& key,
                                                     const audiostore::HeadOptions& options) override;
  audiostore::Result<void> do_remove(const audiostore::ObjectKey& key,
                                     const audiostore::RemoveOptions& options) override;
  audiostore::Result<audiostore::PutResult> do_copy(const audiostore::ObjectKey& from, const audiostore::ObjectKey& to,
                                                    const audiostore::CopyOptions& options) override;
  audiostore::Result<audiostore::ListPage> do_list(const audiostore::ListOptions& options) override;
  audiostore::Result<audiostore::SignedRequest> do_presign(const audiostore::PresignRequest& request) override;
  [[nodiscard]] audiostore::Result<audiostore::ObjectKey> do_key_from_url(std::string_view url) const override;

  template <class F>
  auto trip(const std::string& operation, const std::string& key, F&& call) -> decltype(call());

  std::shared_ptr<audiostore::ObjectStore> behind_;
};

}  // namespace audio_service
