#include "agent/collectors/mounts.h"

#include <gtest/gtest.h>

#include "protocol/text.h"

namespace hostwatch::agent::test {
namespace {

using Names = std::vector<std::string>;

Names points(const std::vector<Mount>& mounts) {
  Names result;
  for (const Mount& mount : mounts) result.push_back(mount.mount_point);
  return result;
}

TEST(OctalEscapes, AreUndone) {
  EXPECT_EQ(undo_octal_escapes("/plain"), "/plain");
  EXPECT_EQ(undo_octal_escapes("/my\\040disk"), "/my disk");
  EXPECT_EQ(undo_octal_escapes("\\011\\012\\134\\043"), "\t\n\\#");
  EXPECT_EQ(undo_octal_escapes("/\\303\\244"), "/\xC3\xA4");
  EXPECT_EQ(undo_octal_escapes("/\\377"), "/\xFF");
}

TEST(OctalEscapes, WhatIsNoneStays) {
  for (const char* text : {"\\", "\\0", "\\04", "\\089", "\\400", "\\x40", "a\\"}) {
    EXPECT_EQ(undo_octal_escapes(text), text);
  }
}

TEST(MountTable, ReadsALineWithAnyNumberOfOptionalFields) {
  const MountTable table = parse_mount_table(
      "36 35 98:0 /mnt1 /mnt2 rw,noatime - ext3 /dev/root rw\n"
      "37 35 98:1 / /mnt\\0403 rw master:1 propagate_from:2 unbindable - fuse.sshfs me@there:/ rw\n");
  ASSERT_EQ(table.mounts.size(), 2U);
  EXPECT_EQ(table.mounts[0].device, "98:0");
  EXPECT_EQ(table.mounts[0].mount_point, "/mnt2");
  EXPECT_EQ(table.mounts[0].type, "ext3");
  EXPECT_EQ(table.mounts[1].mount_point, "/mnt 3");
  EXPECT_EQ(table.mounts[1].type, "fuse.sshfs");
  EXPECT_EQ(table.malformed, 0U);
}

TEST(MountTable, CountsTheLinesItCannotUnderstand) {
  for (const std::string_view text :
       {"\n", "36 35\n", "36 35 98:0 / /x rw\n", "36 35 98:0 / /x rw -\n",
        "36 35 98:0 / nowhere rw - ext4 d rw\n", "36 35 980 / /x rw - ext4 d rw\n",
        "36 35 98:0 / /x rw - ext4 /dev/x r"}) {
    const MountTable table = parse_mount_table(text);
    EXPECT_EQ(table.malformed, 1U) << text;
    EXPECT_TRUE(table.mounts.empty()) << text;
  }
  EXPECT_EQ(parse_mount_table("").malformed, 0U);
}

TEST(RealMounts, AreNeitherTheKernelsNorImagesNorLayers) {
  for (const char* type :
       {"proc",        "sysfs",    "cgroup",    "cgroup2",    "devtmpfs",  "tmpfs",      "devpts",
        "mqueue",      "debugfs",  "tracefs",   "securityfs", "pstore",    "bpf",        "nsfs",
        "autofs",      "ramfs",    "hugetlbfs", "configfs",   "fusectl",   "rpc_pipefs", "efivarfs",
        "binfmt_misc", "squashfs", "iso9660",   "overlay",    "fuse.lxcfs"}) {
    EXPECT_FALSE(is_real_file_system({"0:1", "/x", type})) << type;
  }
  for (const char* type :
       {"ext4", "xfs", "btrfs", "zfs", "vfat", "nfs4", "cifs", "fuse.sshfs", "unheard-of"}) {
    EXPECT_TRUE(is_real_file_system({"0:1", "/x", type})) << type;
  }
  EXPECT_TRUE(is_real_file_system({"0:1", "/", "overlay"})) << "a container's root";
}

TEST(RealMounts, CountADeviceOnceAtItsShortestMountPoint) {
  EXPECT_EQ(points(real_mounts({{"8:1", "/etc/resolv.conf", "ext4"},
                                {"8:1", "/data", "ext4"},
                                {"8:2", "/home", "xfs"},
                                {"8:1", "/data/again", "ext4"}})),
            (Names{"/data", "/home"}));
}

TEST(RealMounts, AMountCoversAnEarlierOneAtTheSamePlace) {
  EXPECT_EQ(points(real_mounts({{"8:1", "/data", "ext4"}, {"0:9", "/data", "tmpfs"}})), Names{});
  const auto on_top = real_mounts({{"0:9", "/data", "autofs"}, {"0:10", "/data", "nfs"}});
  ASSERT_EQ(on_top.size(), 1U);
  EXPECT_EQ(on_top[0].device, "0:10");
}

TEST(RealMounts, LeaveOutDeletedMountPoints) {
  EXPECT_TRUE(real_mounts({{"8:1", "/mnt/x//deleted", "ext4"}}).empty());
}

TEST(RemoteMounts, AreThoseBehindAnotherMachineOrProgram) {
  for (const char* type : {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "afs", "fuse",
                           "fuse.sshfs", "fuse.anything", "fuseblk", "virtiofs"}) {
    EXPECT_TRUE(may_never_answer(type)) << type;
  }
  for (const char* type : {"ext4", "xfs", "btrfs", "zfs", "vfat", "overlay"}) {
    EXPECT_FALSE(may_never_answer(type)) << type;
  }
}

TEST(MountNames, CanBeShownAndAreAllDifferent) {
  const std::string deep = "/" + std::string(300, 'x');
  const Names names = mount_names({{"8:1", "/", "ext4"},
                                   {"8:2", "/my disk", "ext4"},
                                   {"8:3", "/d\xC3\xA4ta", "ext4"},
                                   {"8:4", "/odd\xFF", "ext4"},
                                   {"8:5", "/odd\xFE", "ext4"},
                                   {"8:6", "/line\nbreak", "ext4"},
                                   {"8:7", deep + "1", "ext4"},
                                   {"8:8", deep + "2", "ext4"}});
  EXPECT_EQ(names[0], "/");
  EXPECT_EQ(names[1], "/my disk");
  EXPECT_EQ(names[2], "/d\xC3\xA4ta");
  EXPECT_EQ(names[3], "/odd\xEF\xBF\xBD");
  EXPECT_EQ(names[4], "/odd\xEF\xBF\xBD (2)");
  EXPECT_EQ(names[5],
            "/line\xEF\xBF\xBD"
            "break");
  EXPECT_NE(names[6], names[7]);
  for (const std::string& name : names) {
    EXPECT_EQ(protocol::why_not_instance_name(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace hostwatch::agent::test
