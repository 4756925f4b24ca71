// The checks, each in the file named behind it. Every one may rely on what those it needs (doctor.cc) have learnt.
#pragma once

#include "examination.h"
#include "finding.h"

namespace cli::doctor {

// settings_check.cc
Findings check_settings(Examination& examination);
Findings check_addressing(Examination& examination);
// connection_checks.cc
Findings check_dns(Examination& examination);
Findings check_connection(Examination& examination);
Findings check_tls(Examination& examination);
Findings check_service(Examination& examination);
Findings check_clock(Examination& examination);
// account_checks.cc
Findings check_credentials(Examination& examination);
Findings check_signature(Examination& examination);
Findings check_bucket(Examination& examination);
Findings check_region(Examination& examination);
Findings check_list(Examination& examination);
// object_checks.cc
Findings check_write(Examination& examination);
Findings check_read(Examination& examination);
Findings check_delete(Examination& examination);
// link_checks.cc
Findings check_presign(Examination& examination);
Findings check_public(Examination& examination);
// cors_check.cc
Findings check_cors(Examination& examination);
// cost_checks.cc
Findings check_uploads(Examination& examination);
Findings check_lifecycle(Examination& examination);
// quirks.cc
Findings check_quirks(Examination& examination);

}  // namespace cli::doctor
