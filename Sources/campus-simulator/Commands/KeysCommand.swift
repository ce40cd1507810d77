import ArgumentParser
import Campus

struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "Write a key for every `mac` device of a campus directory.",
    discussion: """
      For simulation only: the keys follow from the seed. `campus-gateway keys import` and `run --keys` read the file.
      """)

  @Argument(help: "The campus directory.") var directory: String
  @Option(help: "The CSV file to write: site, device, key (64 hexadecimal digits).") var output: String
  @Option(help: "The seed the keys follow from.") var seed: UInt64 = 1

  func run() throws {
    let campus = try Campus.loaded(directory)
    var lines = ["site,device,key"]
    for device in campus.devices where device.auth == .mac {
      let key = Keys.hex(Keys.derived(seed: seed, name: device.name))
      lines.append(CSV.line([device.site, device.device, key]))
    }
    try Files.write(lines.joined(separator: "\n") + "\n", to: output)
    print("\(lines.count - 1) keys in \(output)")
  }
}
