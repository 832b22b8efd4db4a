// CredentialStore: channels that alarms are told to, with their secrets.
#include "server/auth/credential_store.h"

namespace hostwatch::auth {

std::vector<ChannelRow> CredentialStore::channels() {
  const std::lock_guard database(database_mutex_);
  try {
    std::vector<ChannelRow> rows;
    SQLite::Statement row(*database_,
                          "SELECT name, kind, definition, secrets FROM alert_channel ORDER BY name");
    while (row.executeStep()) {
      rows.push_back({row.getColumn(0).getString(), row.getColumn(1).getString(),
                      row.getColumn(2).getString(), row.getColumn(3).getString()});
    }
    return rows;
  } catch (const SQLite::Exception& error) {
    throw CredentialError(std::string("the file of credentials cannot be read: ") + error.what());
  }
}

void CredentialStore::put_channel(const ChannelRow& channel) {
  const std::lock_guard database(database_mutex_);
  write([&] {
    SQLite::Statement put(*database_, "INSERT OR REPLACE INTO alert_channel VALUES (?, ?, ?, ?)");
    put.bind(1, channel.name);
    put.bind(2, channel.kind);
    put.bind(3, channel.definition);
    put.bind(4, channel.secrets);
    return put.exec();
  });
}

bool CredentialStore::remove_channel(const std::string& name) {
  const std::lock_guard database(database_mutex_);
  return write([&] {
    SQLite::Statement remove(*database_, "DELETE FROM alert_channel WHERE name = ?");
    remove.bind(1, name);
    return remove.exec() > 0;
  });
}

}  // namespace hostwatch::auth
