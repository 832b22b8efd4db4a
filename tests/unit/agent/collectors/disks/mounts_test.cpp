#include "agent/collectors/disks/mounts.h"

#include <gtest/gtest.h>

#include "protocol/names.h"

namespace hostwatch::agent::test {
namespace {

using Names = std::vector<std::string>;

Names points(const std::vector<Mount>& mounts) {
  Names result;
  for (const Mount& mount : mounts) result.push_back(mount.mount_point);
  return result;
}

/// The mount points of those that the table leaves visible.
Names visible(std::string_view table) {
  const std::vector<Mount> mounts = parse_mount_table(table).mounts;
  Names result;
  for (const Mount* const mount : visible_mounts(mounts)) result.push_back(mount->mount_point);
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
  EXPECT_EQ(table.mounts[0].source, "/dev/root");
  EXPECT_EQ(table.mounts[0].id, 36U);
  EXPECT_EQ(table.mounts[0].parent_id, 35U);
  EXPECT_FALSE(table.mounts[0].read_only);
  EXPECT_FALSE(table.mounts[0].read_only_device);
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
  for (const char* type : {"proc",
                           "sysfs",
                           "cgroup",
                           "cgroup2",
                           "devtmpfs",
                           "erofs",
                           "devpts",
                           "mqueue",
                           "debugfs",
                           "tracefs",
                           "securityfs",
                           "pstore",
                           "bpf",
                           "nsfs",
                           "autofs",
                           "ramfs",
                           "hugetlbfs",
                           "configfs",
                           "fusectl",
                           "rpc_pipefs",
                           "efivarfs",
                           "binfmt_misc",
                           "squashfs",
                           "iso9660",
                           "overlay",
                           "fuse.lxcfs",
                           "fuse.squashfuse",
                           "fuse.squashfuse_ll",
                           "fuse.Krita.AppImage",
                           "fuse.nvim.appimage"}) {
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
  EXPECT_EQ(points(real_mounts({{"8:1", "/data", "ext4"}, {"0:9", "/data", "proc"}})), Names{});
  const auto on_top = real_mounts({{"0:9", "/data", "autofs"}, {"0:10", "/data", "nfs"}});
  ASSERT_EQ(on_top.size(), 1U);
  EXPECT_EQ(on_top[0].device, "0:10");
}

std::vector<Mount> mounts_of(std::string_view text) {
  return parse_mount_table(text).mounts;
}

TEST(MountTable, TellsWhatIsReadOnly) {
  const auto mounts = mounts_of(
      "1 0 8:1 / /a ro,noatime - ext4 /dev/sda1 rw,discard\n2 0 8:2 / /b rw,nosuid - ext4 /dev/sda2 "
      "discard,ro\n"
      "3 0 8:3 / /c rw,errors=remount-ro - ext4 /dev/sda3 rw,rotate\n");
  ASSERT_EQ(mounts.size(), 3U);
  EXPECT_TRUE(mounts[0].read_only && !mounts[0].read_only_device);
  EXPECT_TRUE(!mounts[1].read_only && mounts[1].read_only_device);
  EXPECT_TRUE(!mounts[2].read_only && !mounts[2].read_only_device);
}

TEST(VisibleMounts, AreNotThoseBelowAFolderThatALaterOneCovers) {
  EXPECT_EQ(visible("25 1 8:1 / / rw - ext4 a rw\n"
                    "30 25 8:17 / /mnt/data rw - ext4 b rw\n"
                    "31 25 8:33 / /mnt rw - ext4 c rw\n"
                    "32 25 8:34 / /mnt2 rw - ext4 d rw\n"),
            (Names{"/", "/mnt", "/mnt2"}));
  // Mounted after it, and inside it.
  EXPECT_EQ(visible("25 1 8:1 / / rw - ext4 a rw\n"
                    "31 25 8:33 / /mnt rw - ext4 c rw\n"
                    "33 31 8:17 / /mnt/data rw - ext4 b rw\n"),
            (Names{"/", "/mnt", "/mnt/data"}));
}

TEST(VisibleMounts, OfThoseAtOnePlaceAreTheTopmost) {
  const auto mounts = mounts_of(
      "25 1 8:1 / / rw - ext4 a rw\n"
      "40 25 0:9 / /n rw - autofs x rw\n"
      "41 40 0:10 / /n rw - nfs4 y rw\n"
      "42 41 8:5 / /n/in rw - ext4 z rw\n");
  EXPECT_EQ(visible_mounts(mounts), (std::vector<const Mount*>{&mounts[0], &mounts[2], &mounts[3]}));
  // What the initramfs mounted was moved below the root that came later.
  EXPECT_EQ(visible("1 1 0:2 / / rw - rootfs rootfs rw\n"
                    "22 27 0:21 / /proc rw - proc p rw\n"
                    "27 1 8:1 / / rw - ext4 a rw\n"
                    "28 1 8:9 / /old rw - ext4 b rw\n"),
            (Names{"/proc", "/"}));
}

TEST(VisibleMounts, OneWithoutItsParentIsWhereItsMountPointIs) {
  EXPECT_EQ(visible("30 25 8:1 / /a rw - ext4 a rw\n31 26 8:2 / /a/b rw - ext4 b rw\n"),
            (Names{"/a", "/a/b"}));
  EXPECT_EQ(visible("1 2 8:1 / /a rw - ext4 a rw\n2 1 8:2 / /a rw - ext4 b rw\n"), Names{})
      << "ids that the kernel would not give";
}

TEST(RealMounts, AreNotSnapshotsOfZfs) {
  EXPECT_EQ(points(real_mounts(
                mounts_of("25 1 8:1 / / rw - ext4 a rw\n40 25 0:60 / /home rw - zfs tank/home rw\n"
                          "41 40 0:61 / /home/.zfs/snapshot/monday ro - zfs tank/home@monday ro\n"))),
            (Names{"/", "/home"}));
}

Mount tmpfs(const std::string& place) {
  return {"0:9", place, "tmpfs"};
}

TEST(RealMounts, AreTheTmpfsThatProgramsFill) {
  for (const char* place : {"/tmp", "/dev/shm", "/var/tmp", "/var/log", "/srv/cache", "/running"}) {
    EXPECT_TRUE(is_real_file_system(tmpfs(place))) << place;
  }
  for (const char* place :
       {"/run", "/run/user/1000", "/run/shm", "/dev", "/dev/shm/inner", "/sys/fs/cgroup", "/proc/acpi",
        "/var/lib/kubelet/pods/1a2b/volumes/kubernetes.io~projected/token",
        "/data/kubelet/pods/1/volumes/kubernetes.io~secret/s", "/var/lib/docker/containers/1a2b/mounts/shm",
        "/home/u/.local/share/containers/storage/overlay-containers/1/userdata/shm",
        "/var/snap/lxd/common/ns", "/var/lib/lxd/shmounts",
        "/opt/nomad/alloc/5b1c0f6e-2d7a-4c55-8f0e-9a1b2c3d4e5f/web/secrets",
        "/var/lib/nomad/alloc/5B1C0F6E-2D7A-4C55-8F0E-9A1B2C3D4E5F/web/private",
        "/data/alloc/alloc/5b1c0f6e-2d7a-4c55-8f0e-9a1b2c3d4e5f/web/secrets",
        "/opt/nomad/alloc_mounts/web-5b1c0f6e/secrets"}) {
    EXPECT_FALSE(is_real_file_system(tmpfs(place))) << place;
  }
  for (const char* place : {"/srv/alloc/secrets", "/srv/alloc/not-a-uuid/web/secrets",
                            "/alloc/5b1c0f6e/web/secrets", "/alloc/5b1c0f6e-2d7a-4c55-8f0e-9a1b2c3d4e5f",
                            "/alloc/5b1c0f6e-2d7a-4c55-8f0e-9a1b2c3d4e5g/a/secrets"}) {
    EXPECT_TRUE(is_real_file_system(tmpfs(place))) << place << " is not Nomad's";
  }
  Mount read_only = tmpfs("/tmp");
  read_only.read_only = true;
  EXPECT_FALSE(is_real_file_system(read_only)) << "nothing can fill it";
}

TEST(RealMounts, LeaveOutDeletedMountPoints) {
  EXPECT_TRUE(real_mounts({{"8:1", "/mnt/x//deleted", "ext4"}}).empty());
}

TEST(RemoteMounts, AreThoseBehindAnotherMachineOrProgram) {
  for (const char* type : {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "afs", "fuse",
                           "fuse.sshfs", "fuse.anything", "fuseblk", "virtiofs"}) {
    EXPECT_TRUE(may_never_answer(type)) << type;
  }
}

TEST(RemoteMounts, AreAllThatIsNotKnownToBeLocal) {
  for (const char* type : {"prl_fs", "panfs", "vmhgfs", "ecryptfs", "drvfs", "unheard-of", "ext", "autofs"}) {
    EXPECT_TRUE(may_never_answer(type)) << type;
  }
  for (const char* type :
       {"ext2",   "ext3",  "ext4",     "xfs",      "btrfs",   "f2fs",  "vfat",   "ntfs3",    "exfat",
        "tmpfs",  "zfs",   "squashfs", "erofs",    "iso9660", "udf",   "jfs",    "reiserfs", "bcachefs",
        "nilfs2", "ubifs", "jffs2",    "devtmpfs", "proc",    "sysfs", "cgroup2"}) {
    EXPECT_FALSE(may_never_answer(type)) << type;
  }
}

TEST(RemoteMounts, LayersMayHaveOneUnderThem) {
  EXPECT_TRUE(may_never_answer("overlay"));
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
