package extract_test

// A gold is what the source of a page says, in the words of the source and not of
// what was made of it.
type gold struct {
	pages    string   // the pages that were made of the source: a pattern of names
	code     []string // every code block, in order
	cells    []string // cells of tables
	headings []string // level, text and anchor
	text     []string // in the text, in this order
}

const waitCode = "def wait(minutes: int) -> None:\n    \"\"\"Wait, then whistle.\"\"\"\n    for _ in range(minutes):\n\n        sleep(60)\n    print(\"done\" if minutes > 0 else \"<never>\")\n"

var golds = []gold{
	{
		pages:    "sphinx-*-timers",
		code:     []string{waitCode, "$ kettle run  --minutes 4\n    (a tab stands in front)\n"},
		cells:    []string{"Water", "Steel", "Copper", "cold", "4 minutes", "warm", "2 minutes", "90 s", "one", "1", "two", "2"},
		headings: []string{"1 Timers #timers", "2 Starting a timer #starting-a-timer", "3 Grid #grid"},
		text: []string{"$Q = m c \\Delta T$", "$$t = \\frac{Q}{P}$$", "> **Before you leave**", "Added in version 2.1", "The `--loud` option", "![A kettle on a stove]",
			"At the level of the sea."},
	},
	{
		pages:    "sphinx-*-install",
		code:     []string{"sudo apt install kettle\nkettle --version\n", "winget install Kettle\nkettle.exe --version\n", "kettle upgrade --to 2\n"},
		cells:    []string{"Part", "Needs", "Why", "Sensor", "I²C bus", "It reads the temperature ten times a second.", "Whistle", "a | b", "One of two outputs Both work."},
		headings: []string{"1 Installing #installing", "2 Requirements #requirements", "2 Terms #terms"},
		text: []string{"**Linux**", "```bash", "**Windows**", "```powershell", "> **Warning**", "It has no float switch.", "What each part needs", "1. Fill the kettle.",
			"   - push until it clicks,", "     - a quarter turn for steel,", "3. Switch it on.", "**boil**", "To turn into steam.", "It is enough for green tea.", "**Troubles**", "look at the plug"},
	},
	{
		pages: "sphinx-*-api",
		code:  []string{"Timer(4).start()\n"},
		headings: []string{"1 Reference #module-kettle", "2 class kettle.Timer(minutes, *, loud=False) #kettle.Timer", "3 start() → None #kettle.Timer.start",
			"3 left #kettle.Timer.left", "2 kettle.boil(water, until=100) #kettle.boil"},
		text: []string{"A timer that whistles.", "**Parameters:**", "**minutes** (*int*) – how long to wait", "if *minutes* is negative", "Seconds that are left.", "Deprecated since version 2.0"},
	},
	{
		pages:    "sphinx-furo-index",
		headings: []string{"1 Kettle manual #kettle-manual", "2 Where to begin #where-to-begin"},
		text:     []string{"Kettle measures how water heats.", "(https://docs.example.com/x/install.html#requirements)", "shows the first measurement", "> **Note**", "> Steam is hot."},
	},
	{
		pages: "[^s]*-timers",
		code: []string{waitCode, "const kettle = require(\"kettle\");\nkettle.start({ minutes: 4, \"loud\": true });\n",
			"plain  text\n\twith a tab\n", "kettle on --now\n"},
		cells: []string{"Water", "Steel", "Copper", "cold", "4 minutes", "warm", "2 minutes", "90 s"},
		text: []string{"A timer is started by `start`", "> Steam hurries through a hole", "**If nothing happens**", "Look at the plug.",
			"Empty the kettle."},
		headings: []string{"1 Timers ", "2 Starting a timer #starting-a-timer", "3 Limits of time #limits-of-time", "2 After use #after-use"},
	},
	{
		pages: "{docusaurus,vitepress,starlight}-timers",
		text: []string{"1. Fill the kettle.", "   - push until it clicks,", "     - half a turn for copper.", "   ```sh\n   kettle on --now\n   ```", "> Green tea wants 80 °C.",
			"> **Hot**", "> Keep your hand away from the spout.", "**npm**", "npm install kettle", "**yarn**"},
	},
	{
		pages: "mkdocs-*-timers",
		text: []string{"> **Note**", "> **Hot**", "> **Folded**", "> Only the curious read this.", "**Linux**", "sudo apt install kettle", "**Windows**", "winget install Kettle",
			"**Simmer**", "To nearly boil.", "It is enough for green tea.", "**Boil**", "$Q = m c \\Delta T$", "$$t = \\frac{Q}{P}$$"},
	},
	{
		pages:    "{docusaurus,vitepress,vuepress,starlight,honkit,mkdocs-material}-api",
		headings: []string{"1 Reference ", "2 start(minutes) #start", "3 Options #options", "2 stop() #stop"},
		text:     []string{"Starts a timer of so many minutes.", "- **loud**: whether the neighbours hear it", "Stops it."},
	},
	{
		pages:    "docusaurus-index",
		headings: []string{"1 Kettle manual ", "2 Where to begin #where-to-begin"},
		text:     []string{"Read [about timers](", "Fill it."},
	},
	{
		pages: "javadoc-class",
		code: []string{"public class Timer\nextends Object\nimplements Runnable\n", "\n Timer t = new Timer(4);\n if (t.left() > 0 && !t.loud) {\n     t.start();\n }\n \n",
			"public boolean loud\n", "public Timer(int minutes)\n", "public int left()\n", "public void run()\n", "@Deprecated\npublic void start()\n"},
		cells: []string{"Water", "cold", "boolean", "loud", "Whether the neighbours hear it.", "Timer(int minutes)", "Makes a timer.", "left()", "start()"},
		headings: []string{"1 Class Timer ", "2 Field Summary #field-summary", "2 Constructor Summary #constructor-summary", "2 Method Summary #method-summary",
			"3 Methods inherited from class java.lang.Object #methods-inherited-from-class-java.lang.Object", "2 Field Details #field-detail", "3 loud #loud",
			"2 Constructor Details #constructor-detail", "3 Timer #<init>(int)", "2 Method Details #method-detail", "3 left #left()", "3 run #run()", "3 start #start()"},
	},
	{
		pages:    "javadoc-package",
		headings: []string{"1 Package kettle "},
		cells:    []string{"Class", "Description", "Timer", "A timer that whistles."},
		text:     []string{"Timers for kettles."},
	},
	{
		pages: "doxygen-class",
		code:  []string{"Timer t(4);\nif (t.left() > 0) {\n \n    t.start();\n}\n", "Timer::Timer ( int minutes)\n", "int Timer::left ( ) const\n", "void Timer::start ( )\n"},
		cells: []string{"Water", "cold", "4", "minutes", "how long to wait", "std::invalid_argument", "if negative"},
		text: []string{"- [Timer](https://docs.example.com/x/classTimer.html#a4692af8e877d1c2a5e73db989ddc7eb4) (int minutes)\n- int [left](", ") () const\n- void [start](", ") ()  \n  Starts it.\n\n",
			"A timer that whistles.", "Steam is hot.", "Returns the seconds left."},
	},
	{
		pages:    "rustdoc-crate",
		code:     []string{"let t = kettle::Timer::new(4);\nassert!(t.left() > 0);\n"},
		cells:    []string{"Water", "Minutes", "cold", "4"},
		headings: []string{"1 Crate kettle #main-content", "2 Examples #examples", "2 Structs #structs"},
	},
	{
		pages: "rustdoc-struct",
		code:  []string{"pub struct Timer {\n    pub minutes: u32,\n}\n"},
		headings: []string{"1 Struct Timer #main-content", "2 Fields #fields", "2 Implementations #implementations", "3 impl Timer #impl-Timer", "4 pub fn new(minutes: u32) -> Timer #method.new",
			"5 Panics #panics", "4 pub fn left(&self) -> u32 #method.left",
			"2 Auto Trait Implementations #synthetic-implementations", "3 impl Freeze for Timer #impl-Freeze-for-Timer", "3 impl RefUnwindSafe for Timer #impl-RefUnwindSafe-for-Timer",
			"3 impl Send for Timer #impl-Send-for-Timer", "3 impl Sync for Timer #impl-Sync-for-Timer", "3 impl Unpin for Timer #impl-Unpin-for-Timer",
			"3 impl UnsafeUnpin for Timer #impl-UnsafeUnpin-for-Timer", "3 impl UnwindSafe for Timer #impl-UnwindSafe-for-Timer", "2 Blanket Implementations #blanket-implementations",
			"3 impl<T> Any for T where T: 'static + ?Sized, #impl-Any-for-T", "4 fn type_id(&self) -> TypeId #method.type_id",
			"3 impl<T> Borrow<T> for T where T: ?Sized, #impl-Borrow%3CT%3E-for-T", "4 fn borrow(&self) -> &T #method.borrow",
			"3 impl<T> BorrowMut<T> for T where T: ?Sized, #impl-BorrowMut%3CT%3E-for-T", "4 fn borrow_mut(&mut self) -> &mut T #method.borrow_mut",
			"3 impl<T> From<T> for T #impl-From%3CT%3E-for-T", "4 fn from(t: T) -> T #method.from", "3 impl<T, U> Into<U> for T where U: From<T>, #impl-Into%3CU%3E-for-T",
			"4 fn into(self) -> U #method.into", "3 impl<T, U> TryFrom<U> for T where U: Into<T>, #impl-TryFrom%3CU%3E-for-T", "4 type Error = Infallible #associatedtype.Error-1",
			"4 fn try_from(value: U) -> Result<T, <T as TryFrom<U>>::Error> #method.try_from", "3 impl<T, U> TryInto<U> for T where U: TryFrom<T>, #impl-TryInto%3CU%3E-for-T",
			"4 type Error = <U as TryFrom<T>>::Error #associatedtype.Error", "4 fn try_into(self) -> Result<U, <U as TryFrom<T>>::Error> #method.try_into"},
		text: []string{"A timer that whistles.", "Steam is *hot*.", "How long to wait.", "Makes a timer.", "If the kettle is empty."},
	},
	{
		pages:    "asciidoc-page",
		code:     []string{waitCode, "plain  text\n    with spaces\n"},
		cells:    []string{"Water", "Steel", "Copper", "cold", "4 minutes", "warm", "2 minutes", "90 s"},
		headings: []string{"1 Timers ", "2 Starting a timer #_starting_a_timer", "3 Grid #_grid", "2 Limits of time #limits"},
		text: []string{"A timer is started by `start`.", "2. Switch it on:", "   - a quarter turn for steel.", "> **Warning**\n> \n> Keep your hand", "> **Note**\n> \n> **Before you leave**\n> \n> Steam is hot.",
			"What each kettle needs", "**simmer**", "It is enough for green tea.", "![A kettle on a stove]", "> Steam hurries", "At the level of the sea."},
	},
	{
		pages:    "docbook-chapter",
		code:     []string{"def wait(minutes):\n    for _ in range(minutes):\n\n        sleep(60)\n    print(\"done\" if minutes > 0 else \"<never>\")\n", "$ kettle run  --minutes 4\n    done\n"},
		headings: []string{"1 Chapter 1. Timers ", "2 Starting a timer #starting"},
		text:     []string{"A timer is started by", "2. Switch it on:", "   - push until it clicks,", "> **Hot**\n> \n> Keep your hand", "> **Note**\n> \n> Steam is hot."},
	},
	{
		pages:    "docbook-grid",
		cells:    []string{"Water", "Steel", "Copper", "cold", "4 minutes", "3 minutes", "warm", "2 minutes", "90 s"},
		headings: []string{"2 Grid #grid", "3 Limits of time #limits"},
		text:     []string{"What each kettle needs", "**boil**", "To turn into steam.", "It is enough for green tea.", "After use, empty it", "![A kettle on a stove]", "At the level of the sea."},
	},
	{
		pages: "docbook-refentry",
		text:  []string{"## Name\n\nkettle — wait for water", "[--loud] {minutes}", "It starts a timer of so many minutes.", "**`--loud`**", "Let the neighbours hear it."},
	},
	{
		pages:    "texinfo-grid",
		cells:    []string{"Water", "Steel", "Copper", "cold", "4 minutes", "3 minutes", "warm", "2 minutes", "90 s"},
		headings: []string{"3 1.2 Grid #Grid-1"},
		text:     []string{"**`boil`**", "To turn into steam.", "To nearly boil."},
	},
	{
		pages:    "texinfo-whole",
		code:     []string{"kettle run  --minutes 4\n\n    (four spaces stand in front)\n"},
		headings: []string{"1 Kettle manual #Kettle-manual", "2 1 Timers #Timers-1", "3 1.1 Starting a timer #Starting-a-timer-1", "3 1.2 Grid #Grid-1", "2 2 Reference #Reference-1"},
		text:     []string{"Kettle measures how water heats.", "1. Fill the kettle.", "> **Note:** Steam is hot.", "*int* left", "Seconds that are left."},
	},
	{
		pages: "typedoc-class",
		code: []string{"const t = new Timer(4);\nif (t.left() > 0) {\n\n  t.start();\n}\n", "new Timer(minutes: number): Timer\n", "loud: boolean = false\n", "minutes: number\n",
			"left(): number\n", "start(): void\n"},
		cells: []string{"Water", "Minutes", "cold", "4"},
		headings: []string{"1 Class Timer ", "2 Constructors #constructors-1", "3 constructor #constructor", "4 Parameters #", "4 Returns Timer #", "2 Properties #properties-1", "3 loud #loud",
			"3 minutes #minutes", "2 Methods #methods-1", "3 left #left", "4 Returns number #", "3 start #start", "4 Returns void #", "4 Throws #throws"},
		text: []string{"A timer that whistles.", "Makes a timer.", "how long to wait", "Whether the neighbours hear it.", "Returns the seconds left.", "Error if the kettle is empty"},
	},
	{
		pages: "jsdoc-class",
		cells: []string{"Name", "Type", "Description", "minutes", "number", "how long to wait"},
		text: []string{"# Class: Timer", "kettle~Timer(minutes)", "A timer that whistles.", "new Timer(minutes)", "Makes a timer.", "#### left()", "Returns the seconds left.", "#### start()",
			"if the kettle is empty", "Error", "(static) loud()", "Whether the neighbours hear it."},
	},
	{
		pages: "pdoc-module",
		code:  []string{"t = Timer(4)\nif t.left() > 0:\n\n    t.start()\n"},
		cells: []string{"Water", "Minutes", "cold", "4"},
		headings: []string{"1 kettle ", "2 Usage #usage", "2 class Timer: #Timer", "3 Timer(minutes: int) #Timer.__init__", "3 loud: bool = False #Timer.loud", "3 minutes #Timer.minutes",
			"3 def left(self) -> int: #Timer.left", "3 def start(self) -> None: #Timer.start", "2 def boil(until: int = 100) -> int: #boil"},
		text: []string{"Timers for kettles.", "A timer that whistles.", "Makes a timer of so many minutes.", "Returns the seconds left.", "Steam is hot.", "Heats water until it boils."},
	},
	{
		pages: "yard-class",
		code:  []string{"t = Kettle::Timer.new(4)\nt.start if t.left > 0\n"},
		headings: []string{"1 Class: Kettle::Timer ", "2 Overview #", "2 Instance Attribute Summary #", "2 Instance Method Summary #", "2 Constructor Details #constructor_details", "3 #initialize(minutes) ⇒ Timer #initialize-instance_method",
			"2 Instance Attribute Details #instance_attr_details", "3 #loud ⇒ Boolean #loud-instance_method", "2 Instance Method Details #instance_method_details", "3 #left ⇒ Integer #left-instance_method"},
		text: []string{"Whether the neighbours hear it.", "Makes a timer.", "how long to wait", "whether the neighbours hear it", "the seconds", "(`RuntimeError`)", "if the kettle is empty"},
	},
	{
		pages:    "pydoctor-class",
		cells:    []string{"Method", "left", "Returns the seconds left.", "Class Variable", "loud"},
		headings: []string{"1 kettle.Timer ", "2 def __init__(self, minutes: int): #__init__", "2 def left(self) -> int: #left", "2 def start(self): #start", "2 loud: bool = #loud", "2 minutes = #minutes"},
		text:     []string{"A timer that whistles.", "Makes a timer of so many minutes.", "Returns the seconds left.", "Steam is hot.", "Whether the neighbours hear it."},
	},
}
