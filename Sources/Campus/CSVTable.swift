/// Takes the bytes of a CSV file and the columns wanted of it, gives its rows with the wanted columns in the order
/// asked for, refuses malformed rows; the refusals collect in `faults`.
///
///     var table = CSVTable(bytes, required: ["site", "device"], optional: ["kid"])
///     while table.next() { use(table.text(0), table.text(1), table.text(2)) }
///
/// The header row may hold the columns in any order; those not asked for are ignored.
public struct CSVTable {
  public struct Fault: Error, Sendable, Equatable {
    /// Physical line, counted from 1, on which the record begins.
    public var line: Int
    public var problem: CampusProblem
  }

  /// What was refused so far, in the order of lines.
  public private(set) var faults: [Fault] = []
  /// The physical line on which the row begins.
  public var line: Int { reader.line }
  /// Whether the header row has every required column; without them there are no rows.
  public private(set) var hasColumns = false

  private var reader: CSVReader
  private var headerCount = 0
  /// The position in the file of each wanted column; `nil` for an optional one that is not there.
  private var columns: [Int?] = []

  public init(_ bytes: [UInt8], required: [String], optional: [String] = []) {
    reader = CSVReader(bytes)
    do throws(CSVReader.Refusal) {
      guard try reader.next() else {
        faults.append(Fault(line: 1, problem: .noHeader(columns: required)))
        return
      }
      readHeader(required: required, optional: optional)
    } catch {
      faults.append(Fault(line: reader.line, problem: CampusProblem(error)))
    }
  }

  private mutating func readHeader(required: [String], optional: [String]) {
    let names = (0..<reader.count).map(reader.text)
    headerCount = names.count
    if names.count == 1, let separator = names[0].first(where: { $0 == ";" || $0 == "\t" }) {
      faults.append(Fault(line: reader.line, problem: .wrongSeparator(String(separator))))
      return
    }
    columns = (required + optional).map { names.firstIndex(of: $0) }
    let unused = names.filter { !required.contains($0) && !optional.contains($0) }
    for (name, column) in zip(required, columns) where column == nil {
      let problem = CampusProblem.missingColumn(name, nearest: nearest(name, among: unused))
      faults.append(Fault(line: reader.line, problem: problem))
    }
    for name in required + optional where names.count(where: { $0 == name }) > 1 {
      faults.append(Fault(line: reader.line, problem: .repeatedColumn(name)))
    }
    hasColumns = faults.isEmpty
  }

  /// Goes to the next well-formed row; false at the end.
  public mutating func next() -> Bool {
    while true {
      switch advance() {
      case .row: return true
      case .malformed: continue
      case .end: return false
      }
    }
  }

  enum Advance {
    /// A row with as many fields as the header.
    case row
    /// A refused row, of which some cells may be readable.
    case malformed
    case end
  }

  mutating func advance() -> Advance {
    guard hasColumns else { return .end }
    do throws(CSVReader.Refusal) {
      guard try reader.next() else { return .end }
    } catch {
      faults.append(Fault(line: reader.line, problem: CampusProblem(error)))
      return .malformed
    }
    guard reader.count == headerCount else {
      let problem = CampusProblem.fieldCount(found: reader.count, expected: headerCount)
      faults.append(Fault(line: reader.line, problem: problem))
      return .malformed
    }
    return .row
  }

  /// The cell of a wanted column, by its position among required and optional columns; empty where it is not there.
  public func text(_ column: Int) -> String {
    guard let position = columns[column] else { return "" }
    return reader.text(position)
  }

  public func isEmpty(_ column: Int) -> Bool {
    guard let position = columns[column] else { return true }
    return reader.isEmpty(position)
  }
}

extension CampusProblem {
  fileprivate init(_ refusal: CSVReader.Refusal) {
    self =
      switch refusal {
      case .notUTF8: .notUTF8
      case .unterminatedQuote: .unterminatedQuote
      case .textAfterQuote: .textAfterQuote
      case .quoteInField: .quoteInField
      }
  }
}
