#include <audiostore/audiostore.h>
#include <cstdio>

using namespace audiostore;

Result<std::string> publish(std::string_view user, const char* file) {
  auto options = s3_options_from_environment();
  if (!options) return options.error();
  auto store = make_s3_store(*options);
  if (!store) return store.error();
  auto take = Payload::from_file(file);
  if (!take) return take.error();
  AudioStore takes(*std::move(store), owner_only());  // or your own policy: a function from request to allow or deny
  return RecordingId::generate(user, "demo")
      .and_then([&](const RecordingId& id) { return takes.upload(user, id, *take); })
      .and_then([&](const UploadResult& uploaded) { return takes.signed_url(user, uploaded.key); })
      .transform([](const SignedUrl& link) { return link.url; });
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto url = publish("alice", argv[1]);
  std::puts(url ? url->c_str() : url.error().to_string().c_str());
}
