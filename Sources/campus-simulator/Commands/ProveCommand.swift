import ArgumentParser

struct ProveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove",
    abstract: "Prove a gateway's store against what the simulator really sent.",
    discussion: """
      Every reading of the ledger must be stored exactly once and unaltered, and nothing else be stored. Frames the \
      simulator gave up may be stored or not. Exits with 1 if anything differs.
      """)

  @Option(help: "A ledger of `run`; may be given several times.") var ledger: [String]
  @Option(help: "What `campus-gateway export --format ndjson` wrote.") var export: String
  @Option(help: "The gateway's master key: then every subject is checked to be its card's.")
  var keyFile: String?
  @Flag(help: "Print the counts as JSON.") var json = false

  func run() throws {
    var proof = Proof()
    proof.subjects = try keyFile.map { try SubjectKey(masterKeyFile: $0) }
    for path in ledger { try proof.read(ledger: path) }
    try proof.read(export: export)
    let result = proof.finish()
    print(json ? result.json : result.text)
    if !result.isGood { throw ExitCode(1) }
  }
}
