#include "tests/support/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <stdexcept>
#include <utility>

namespace hostwatch::test {
namespace {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using File = std::unique_ptr<std::FILE, Freed<std::fclose>>;

void check(bool good) {
  if (!good) throw std::runtime_error("OpenSSL cannot make a certificate");
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  check(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

Certificate make(EVP_PKEY* key, const std::string& common_name, long from, long to) {
  Certificate certificate(X509_new());
  check(certificate != nullptr);
  X509_set_version(certificate.get(), 2);
  std::uint64_t serial = 0;
  check(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1U);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), to);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  return certificate;
}

std::string write_certificate(const std::string& path, X509* certificate) {
  const File file(std::fopen(path.c_str(), "w"));
  check(file && PEM_write_X509(file.get(), certificate) == 1);
  return path;
}

}  // namespace

struct Authority::Pair {
  Key key;
  Certificate certificate;
};

Authority::Authority(std::string folder, const std::string& name)
    : folder_(std::move(folder)), own_(std::make_unique<Pair>()) {
  own_->key.reset(EVP_EC_gen("P-256"));
  check(own_->key != nullptr);
  own_->certificate = make(own_->key.get(), name, -7200, 7200);
  X509* certificate = own_->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  check(X509_sign(certificate, own_->key.get(), EVP_sha256()) != 0);
  file_ = write_certificate(folder_ + "/" + name + ".pem", certificate);
}

Authority::~Authority() = default;

Authority::Issued Authority::issue(const std::string& name, const Wanted& wanted) const {
  const Key key(wanted.has_rsa_key ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
  check(key != nullptr);
  const Certificate certificate = make(key.get(), wanted.common_name, wanted.from, wanted.to);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(own_->certificate.get()));
  if (!wanted.alternative_names.empty()) {
    extend(certificate.get(), own_->certificate.get(), NID_subject_alt_name, wanted.alternative_names);
  }
  check(X509_sign(certificate.get(), own_->key.get(), EVP_sha256()) != 0);
  Issued issued{write_certificate(folder_ + "/" + name + ".crt", certificate.get()),
                folder_ + "/" + name + ".key"};
  const File file(std::fopen(issued.key.c_str(), "w"));
  check(file && PEM_write_PrivateKey(file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return issued;
}

}  // namespace hostwatch::test
