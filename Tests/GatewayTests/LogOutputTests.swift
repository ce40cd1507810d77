import Glibc
import Testing

@testable import campus_gateway

@Suite struct LogOutputTests {
  /// A pipe nobody reads from but the test, which never blocks.
  private func makePipe() -> (reader: Int32, writer: Int32) {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    return (ends[0], ends[1])
  }

  @Test func aPipeNobodyReadsDelaysLittleAndTheLossIsSaid() throws {
    let (reader, writer) = makePipe()
    defer {
      close(reader)
      close(writer)
    }
    let output = LogOutput(file: writer)
    let begin = seconds()
    let filling = String(repeating: ".", count: 200)
    for number in 1...2_000 { output.write("\(number) \(filling)") { "lost \($0)" } }
    #expect(seconds() < begin + 2)
    let before = everything(in: reader).split(separator: "\n")
    #expect(before.allSatisfy { $0.hasSuffix(filling) } && before.count < 2_000)
    output.write("after") { "lost \($0)" }
    #expect(everything(in: reader) == "lost \(2_000 - before.count)\nafter\n")
    output.write("more") { "lost \($0)" }
    #expect(everything(in: reader) == "more\n")
  }

  @Test func whatFollowsATornLineBeginsALineOfItsOwn() throws {
    let (reader, writer) = makePipe()
    defer {
      close(reader)
      close(writer)
    }
    let output = LogOutput(file: writer)
    // More than a pipe holds.
    output.write(String(repeating: ".", count: 1 << 20)) { "lost \($0)" }
    _ = everything(in: reader)
    output.write("after") { "lost \($0)" }
    #expect(everything(in: reader) == "\nlost 1\nafter\n")
  }

  @Test func aFullDiskEndsNothingAndTheLossIsSaid() throws {
    let folder = try TemporaryFolder()
    let file = open("/dev/full", O_WRONLY)
    defer { close(file) }
    let output = LogOutput(file: file)
    for number in 1...3 { output.write("\(number)") { "lost \($0)" } }
    // Room again, under the same descriptor.
    let good = open("\(folder.path)/log", O_WRONLY | O_CREAT, 0o600)
    #expect(dup2(good, file) == file)
    close(good)
    output.write("after") { "lost \($0)" }
    #expect(text(of: "\(folder.path)/log") == "lost 3\nafter\n")
  }
}

extension EndToEnd {
  /// Nobody has to read the log for intake to go on.
  @Suite(.serialized) struct UnreadLogTests {
    @Test func neitherAFullPipeNorAClosedOneStopsTheGateway() throws {
      let deployment = try Deployment()
      let device = deployment.devices[0]
      let log = "\(deployment.folder.path)/log"
      #expect(mkfifo(log, 0o600) == 0)
      let reader = open(log, O_RDONLY | O_NONBLOCK)
      let filler = open(log, O_WRONLY | O_NONBLOCK)
      let junk = [UInt8](repeating: 0x2e, count: 4096)
      while write(filler, junk, junk.count) > 0 {}
      close(filler)
      try deployment.start(waits: false, log: log)
      try eventually(within: 20, every: 0.1, "a gateway that is online") {
        try deployment.command("status").status == 0
      }
      let client = try deployment.client()
      try client.publish(device.topic("up"), device.message(seq: 1))
      try client.flush()
      try eventually("frame 1 stored") { try deployment.ledger().stored == 1 }

      _ = everything(in: reader)
      deployment.process?.signal(SIGHUP)
      var said = ""
      try eventually("the log again") {
        said += everything(in: reader)
        return said.contains(" reloaded ")
      }
      #expect(said.contains("could not be written"))

      // The reader goes, as a tee that was killed.
      close(reader)
      deployment.process?.signal(SIGHUP)
      pause(0.2)
      try client.publish(device.topic("up"), device.message(seq: 2))
      try client.flush()
      try eventually("frame 2 stored") { try deployment.ledger().stored == 2 }
      #expect(try deployment.stop() == 0)
    }
  }
}

/// What can be read from a descriptor without waiting.
private func everything(in reader: Int32) -> String {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = read(reader, &buffer, buffer.count)
    guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
    bytes += buffer[..<count]
  }
}
