// All parts of the service, put together.
#pragma once

#include "backend.h"
#include "clean_up.h"
#include "http/front_door.h"
#include "http/server.h"
#include "http/upload_form.h"

#include <audiostore/clock.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace audio_service {

struct ServiceOptions {
  std::filesystem::path data = "audio-service-data";  ///< database, spool, and the objects if no bucket is named
  std::filesystem::path web;                          ///< the page's folder
  std::string host = "127.0.0.1";
  int port = 8080;                        ///< 0 for any free one
  std::uint16_t storage_port = 0;         ///< of the embedded storage, 0 for any free one
  std::vector<std::string> origins = {};  ///< of our pages, besides those of host and port
  bool environment = false;               ///< the bucket that the environment names, in place of the embedded storage
  bool metrics_for_anyone = false;
  bool log_requests = true;
  std::uint64_t max_bytes = 104'857'600;  ///< of a recording
  std::chrono::milliseconds policy_patience = audio_service::policy_patience;
  ServerLimits server = {};
  AdmissionRates rates = {};
  TicketOptions tickets = {};
};

/// What the commands of the program work on: the database and the storage, without HTTP.
class Workshop {
 public:
  /// Errors: those of the backend. Throws where the database cannot be had.
  static audiostore::Result<std::unique_ptr<Workshop>> open(const ServiceOptions& options,
                                                            const std::vector<std::string>& origins,
                                                            const audiostore::RequestObserver& observer = {});

  Workshop(const ServiceOptions& options, Backend storage);

  std::shared_ptr<const audiostore::Clock> clock = audiostore::system_clock();
  Backend backend;
  Database database;
  Accounts accounts{database, clock};
  RecordingRows rows{database, clock};
  TicketRows ticket_rows{database, clock};
  Recordings recordings;
  Tickets tickets;
  CleanUp clean_up{accounts, rows, recordings, ticket_rows, tickets, backend.store, clock};
};

/// Makes the data folder, for nobody else to read.
void prepare_data_folder(const ServiceOptions& options);

/// The path of the database below the data folder.
std::filesystem::path database_file(const ServiceOptions& options);

class Service {
 public:
  /// Listens, but answers nobody yet. Errors: unavailable (the port is taken), those of the backend.
  static audiostore::Result<std::unique_ptr<Service>> open(const ServiceOptions& options);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  /// Lets requests under way end.
  ~Service();

  /// Begins to answer, and to sweep.
  void start();

  [[nodiscard]] std::string url() const;
  [[nodiscard]] const std::vector<Route>& routes() const { return door_->routes(); }

 private:
  explicit Service(const ServiceOptions& options);
  audiostore::Result<void> assemble();
  void sweep(const std::stop_token& stop);

  ServiceOptions options_;
  Metrics metrics_;
  Server server_;
  int port_ = 0;
  std::unique_ptr<Workshop> workshop_;
  std::unique_ptr<FrontDoor> door_;
  std::thread listener_;
  std::jthread sweeper_;
};

}  // namespace audio_service
