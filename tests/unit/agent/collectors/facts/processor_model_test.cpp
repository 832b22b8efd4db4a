#include "agent/collectors/facts/processor_model.h"

#include <gtest/gtest.h>

#include <string>

namespace hostwatch::agent {
namespace {

TEST(ProcessorModel, IsSaidInANameOfItsOwnByEachArchitecture) {
  const std::pair<const char*, const char*> cases[] = {
      {"processor\t: 0\nvendor_id\t: X\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Xeon Some 1234\n",
       "Xeon Some 1234"},
      {"Model Name\t\t: Loongson-3A5000\n", "Loongson-3A5000"},
      {"Processor\t: ARM926EJ-S rev 5 (v5l)\nHardware\t: A board\n", "ARM926EJ-S rev 5 (v5l)"},
      {"processor\t: 0\nmodel name\t: ARMv7 Processor rev 3 (v7l)\nCPU implementer\t: 0x41\nCPU part\t: "
       "0xd08\n",
       "ARMv7 Processor rev 3 (v7l)"},
      {"system type\t: A router rev 1\nmachine\t: Vendor X\nprocessor\t: 0\ncpu model\t: MIPS 74Kc V5.0\n",
       "MIPS 74Kc V5.0"},
      {"cpu\t\t: UltraSparc T5 (Niagara5)\nfpu\t\t: UltraSparc T5 integrated FPU\nncpus active\t: 64\n",
       "UltraSparc T5 (Niagara5)"},
      {"processor\t: 0\ncpu\t\t: POWER9 (architected), altivec supported\nmachine\t\t: PowerNV 1234\n",
       "POWER9 (architected), altivec supported"},
      {"processor\t: 0\nhart\t\t: 1\nisa\t\t: rv64imac\nuarch\t\t: vendor,core9\n", "vendor,core9"},
      {"processor\t: 0\nhart\t\t: 1\nisa\t\t: rv64imac\n", "rv64imac"},
      {"CPU:\t\t68040\nMMU:\t\t68040\n", "68040"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(processor_model(text), expected) << text;
}

std::string arm_core(const std::string& implementer, const std::string& part) {
  return "processor\t: 0\nBogoMIPS\t: 50.00\nCPU implementer\t: " + implementer +
         "\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: " + part + "\nCPU revision\t: 3\n\n";
}

TEST(ProcessorModel, OfArmIsLookedUpByItsNumbers) {
  EXPECT_EQ(processor_model(arm_core("0x41", "0xd08")), "Cortex-A72");
  EXPECT_EQ(processor_model(arm_core("0x41", "0xd40")), "Neoverse-V1");
  EXPECT_EQ(processor_model(arm_core("0xc0", "0xac3")), "Ampere-1");
}

TEST(ProcessorModel, OfArmIsItsNumbersWhereNobodyKnowsThem) {
  EXPECT_EQ(processor_model(arm_core("0x41", "0xfff")), "ARM 0x41 part 0xfff");
  EXPECT_EQ(processor_model(arm_core("0x99", "0x123")), "0x99 part 0x123");
  EXPECT_EQ(processor_model(arm_core("odd", "numbers")), "odd part numbers");
}

TEST(ProcessorModel, NamesEveryKindOfCoreOnce) {
  const std::string little = arm_core("0x41", "0xd03");
  const std::string big = arm_core("0x41", "0xd09");
  EXPECT_EQ(processor_model(little + little + big + big), "Cortex-A53 + Cortex-A73");
}

TEST(ProcessorModel, ThatAllArmsAreCalledIsNone) {
  EXPECT_EQ(processor_model("Processor\t: AArch64 Processor rev 1 (aarch64)\n" + arm_core("0x41", "0xd07")),
            "Cortex-A57");
}

TEST(ProcessorModel, IsNoNumberOfAProcessor) {
  EXPECT_EQ(processor_model("Processor\t: 0\nC-SKY CPU model\t: ck810\n"), "ck810");
  EXPECT_EQ(processor_model("Processor\t: 0\n"), "");
  EXPECT_EQ(processor_model("CPU:\t\t68040\nMMU:\t\t68040\n"), "68040") << "that one is called so";
}

TEST(ProcessorModel, GoesBeforeTheBoardAlsoOnArchitecturesThatFewHave) {
  for (const auto& [line, model] :
       {std::pair("cpu type\t: SH7750\n", "SH7750"), std::pair("core ID\t\t: de212\n", "de212"),
        std::pair("cpu architecture\t: OpenRISC 1000 (1.1-rev0)\n", "OpenRISC 1000 (1.1-rev0)"),
        std::pair("CPU-Family:\tMicroBlaze\n", "MicroBlaze")}) {
    EXPECT_EQ(processor_model("machine\t: A board\nprocessor\t: 0\n" + std::string(line)), model);
  }
}

TEST(ProcessorModel, OfMainframesIsThatOfTheMachine) {
  const std::string head = "vendor_id       : IBM/S390\n# processors    : 2\nbogomips per cpu: 3033.00\n";
  EXPECT_EQ(processor_model(head + "processor 0: version = FF,  identification = 012345,  machine = 8561\n"),
            "IBM z15 (machine 8561)");
  EXPECT_EQ(processor_model(head + "processor 0: version = FF,  identification = 012345,  machine = 1\n"),
            "IBM machine 1");
}

TEST(ProcessorModel, TheBoardStandsInOnlyWhereNothingElseIsKnown) {
  EXPECT_EQ(processor_model("Hardware\t: Some board\nRevision\t: 0000\n"), "Some board");
  EXPECT_EQ(processor_model("Processor\t: v6l\nHardware\t: Some board\n"), "v6l");
  for (const char* text : {"", "\n", "Hardware\t: \n", "no colon\n", "model name\t:\n"}) {
    EXPECT_EQ(processor_model(text), "") << text;
  }
}

TEST(ProcessorsListed, AreCountedInEitherSpelling) {
  EXPECT_EQ(processors_listed("processor\t: 0\n\nprocessor\t: 5\n"), 2U);
  EXPECT_EQ(processors_listed("# processors    : 9\nprocessor 0: version = FF\nprocessor 1: version = FF\n"),
            2U);
  EXPECT_EQ(processors_listed("Processor\t: Feroceon\n"), 0U);
}

}  // namespace
}  // namespace hostwatch::agent
