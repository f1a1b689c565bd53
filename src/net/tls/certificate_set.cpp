#include "net/tls/certificate_set.h"

#include <algorithm>

#include <openssl/err.h>

#include "base/log.h"
#include "net/tls/tls_context.h"

namespace wscast::net {
namespace {

/// A name as a certificate has it, whatever the client wrote (RFC 6066 section 3).
std::string normalized(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string out(name);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

/// The name of the wildcard that covers `name`: one label is replaced (RFC 6125 section 6.4.3).
std::string wildcard_for(std::string_view name) {
  const auto dot = name.find('.');
  return dot == std::string_view::npos ? std::string() : "*" + std::string(name.substr(dot));
}

std::string sentence(const CertificateFiles& files, const std::string& reason) {
  return "the certificate in " + printable(files.certificate) + " cannot be used: " + reason;
}

}  // namespace

std::shared_ptr<const CertificateSet> CertificateSet::load(const TlsOptions& options, WallTime now,
                                                           std::vector<std::string>& faults) {
  auto set = std::make_shared<CertificateSet>();
  const std::size_t before = faults.size();
  if (options.self_signed) {
    const Certificate made = make_self_signed();
    if (!set->add(made, options.min_version)) faults.push_back(take_openssl_error());
    set->describe(made, now);
  }
  for (const CertificateFiles& files : options.certificates) {
    std::string fault;
    const auto certificate = load_certificate(files, fault);
    if (!certificate) {
      faults.push_back(fault);
    } else if (!set->add(*certificate, options.min_version)) {
      faults.push_back(sentence(files, take_openssl_error()));
    } else {
      set->describe(*certificate, now);
    }
  }
  if (faults.size() > before || set->groups_.empty()) return nullptr;
  return set;
}

SSL_CTX* CertificateSet::choose(std::string_view name) const {
  const std::string wanted = normalized(name);
  auto found = by_name_.find(wanted);
  if (found == by_name_.end()) found = by_name_.find(wildcard_for(wanted));
  return found == by_name_.end() ? first() : groups_[found->second].context.get();
}

bool CertificateSet::add(const Certificate& certificate, TlsVersion min_version) {
  ERR_clear_error();
  const Group& group = group_for(certificate, min_version);
  return SSL_CTX_use_cert_and_key(group.context.get(), certificate.certificate.get(),
                                  certificate.key.get(), certificate.chain.get(), 1) == 1;
}

CertificateSet::Group& CertificateSet::group_for(const Certificate& certificate,
                                                 TlsVersion min_version) {
  const int kind = EVP_PKEY_get_base_id(certificate.key.get());
  const auto joins = [&](const Group& group) {
    return group.names == certificate.names && std::ranges::count(group.kinds, kind) == 0;
  };
  auto group = std::ranges::find_if(groups_, joins);
  if (group == groups_.end()) {
    for (const std::string& name : certificate.names) by_name_.try_emplace(name, groups_.size());
    groups_.push_back(
        {.context = make_tls_context(min_version), .names = certificate.names, .kinds = {}});
    group = groups_.end() - 1;
  }
  group->kinds.push_back(kind);
  return *group;
}

void CertificateSet::describe(const Certificate& certificate, WallTime now) {
  summary_ +=
      (summary_.empty() ? "" : "; ") + certificate.title() + " until " + certificate.expiry();
  if (certificate.invalid_at(now)) {
    warnings_.push_back("the certificate for " + certificate.title() +
                        " is not valid now, clients will not accept it; it ends " +
                        certificate.expiry());
  }
}

}  // namespace wscast::net
